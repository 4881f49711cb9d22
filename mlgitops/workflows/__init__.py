"""What each verb does, stage after stage. A workflow reads on one screen; the stages are elsewhere."""
