"""Pipelines of other tools as Pipelines in Git. Pure: what a program printed or a file holds comes in as text or data.

written      the source: its path, its text, and where a field or a template stands in it
notes        what could not be taken over, or only otherwise: findings, all of them at once
naming       names of other tools as names of ours
tags         ``{{...}}`` of other tools as placeholders of ours
draft        the Pipeline that comes of it, and its text
quantities   lengths of time and resources
argo         a Workflow, WorkflowTemplate or CronWorkflow, as hera makes them or as YAML has them
argo_graph   its DAGs and steps, drawn out into one graph         argo_step   one container or script as a step
kfp          a pipeline of Kubeflow Pipelines v2, compiled        kfp_task    one of its containers as a step
component    a component file: one container with inputs and outputs

imported     what an object of a cluster comes to as a spec        round_trip  whether that renders to the same object
inference_service, train_job   these kinds as a Model and a Pipeline

It is for a person or a build: nothing here is ever reached by the controller, which an import contract holds.
"""
