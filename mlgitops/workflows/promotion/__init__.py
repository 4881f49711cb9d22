"""What the verbs about releases do: propose a change as one pull request, and judge the trail that it leaves in Git."""
