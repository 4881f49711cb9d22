"""What each value of a field with a fixed list of values means, for editors that show it while somebody chooses. Pure.

The field's own description stays whole in ``explain`` and in messages; here a line stands for each value by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

_LEVELS = {"block": "Keeps it out.", "warn": "Shows it, and stops nothing."}
_CLASSES = {
    "public": "Anybody may see it.",
    "internal": "For the organisation alone.",
    "confidential": "For those who need it.",
    "restricted": "For named people, under rules of its own.",
}
_CLOUDS = {
    "aws": "Amazon Web Services; EKS.",
    "gcp": "Google Cloud; GKE.",
    "azure": "Microsoft Azure; AKS.",
    "onprem": "A cluster or an edge site of one's own.",
}
_ARTIFACTS = {
    "dataset": "Data.",
    "model": "A trained model.",
    "metrics": "Numbers that were measured.",
    "report": "A report for people.",
    "any": "Whatever it is.",
}
_PAYLOADS = {
    "all": "Requests and responses.",
    "request": "Requests alone; enough for drift.",
    "response": "Responses alone.",
}
_TENSORS = {
    "BOOL": "True or false.",
    "BYTES": "Bytes of any length, as texts are.",
    "BF16": "A floating-point number of 16 bits, with the range of one of 32.",
    **{f"FP{bits}": f"A floating-point number of {bits} bits." for bits in (16, 32, 64)},
    **{f"INT{bits}": f"A whole number of {bits} bits, with a sign." for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": f"A whole number of {bits} bits, without a sign." for bits in (8, 16, 32, 64)},
}

_SIGNALS = {
    "drift": "Requests have moved away from the reference data (monitoring.drift).",
    "stale": "The release is too old (monitoring.staleness).",
    "sloBurn": "The error budget of an objective is spent too fast (monitoring.objectives).",
    "business": "A business metric is below its floor (monitoring.business).",
    "errors": "Many requests fail within minutes (monitoring.errorBurst).",
    "rolloutAborted": "A new release did badly, and answers nothing any more.",
    "rolloutCompleted": "A new release answers everything.",
}

NULL = "Takes away what another file says of this field."
"""What ``null`` means wherever a file is merged with others."""

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "Measure.of": {
        "errors": "Percent of the requests that fail.",
        "latency": "Percent of the requests that take longer than the threshold.",
        "predictions": "How far apart the distributions of what both releases answer are.",
        "query": "The one value of a PromQL expression of your own.",
    },
    "Notification.format": {
        "webhook": "Plain JSON, signed where there is a key.",
        "slack": "As an incoming webhook of Slack takes it.",
        "teams": "As a workflow of Microsoft Teams takes it.",
    },
    "Notification.when": _SIGNALS,
    "Response.open": {
        "rollback": "Back to the release before.",
        "retrain": "The pipeline that makes the model runs again.",
        "deprecate": "The model's end is announced.",
        "complete": "The rollout ends in Git, and the new release alone runs.",
        "none": "No pull request.",
    },
    "Response.when": _SIGNALS,
    "Algorithm.name": {
        "random": "Values by chance.",
        "grid": "Every combination, one after the other.",
        "tpe": "Values like those of the better trials, each parameter by itself (tree of Parzen estimators).",
        "multivariate-tpe": "The same, with an eye to how parameters act together.",
        "bayesianoptimization": "A model of what trials gave says where to look next.",
        "hyperband": "Many short trials, of which the better ones go on for longer.",
        "cmaes": "A cloud of values that moves to where trials are better (CMA-ES); for numbers.",
        "sobol": "Values spread evenly over the space.",
    },
    "ArtifactInput.type": _ARTIFACTS,
    "ArtifactOutput.type": _ARTIFACTS,
    "BlueGreen.active": {
        "stable": "The release of rollout.stable answers.",
        "new": "The release of spec.release answers.",
    },
    "Budget.replicas": {
        "fewest": "The cost with the fewest replicas counts.",
        "most": "The cost with the most replicas counts.",
    },
    "Budget.level": {
        "warn": "Tells that the budget is passed, and stops nothing.",
        "block": "Also keeps out what makes the environment dearer while it is over the budget.",
    },
    "Drift.metric": {
        "psi": "The population stability index.",
        "ks": "The largest difference of the two distributions (Kolmogorov and Smirnov).",
        "wasserstein": "How far values moved, in standard deviations of the reference.",
    },
    "EarlyStopping.algorithm": {"medianstop": "Stops a trial that does worse than half of the others."},
    "EarlyStopping.settings": {
        "min_trials_required": "After how many trials it begins.",
        "start_step": "After how many reports of a trial it begins.",
    },
    "Forge.kind": {
        "github": "GitHub, or GitHub Enterprise Server.",
        "gitlab": "GitLab, or a GitLab of one's own.",
        "gitea": "Gitea.",
        "forgejo": "Forgejo.",
        "azureDevOps": "Azure DevOps, with Azure Repos.",
        "local": "A bare repository without a server; `mlgitops review` takes the place of its pages.",
    },
    "Gate.level": _LEVELS,
    "Governance.risk": {
        "minimal": "No duties.",
        "limited": "People have to be told that a machine answers.",
        "high": "The duties of high-risk systems hold.",
    },
    "Governance.dataClassification": _CLASSES,
    "GraphNode.kind": {
        "sequence": "Each step after the one before.",
        "ensemble": "All steps at once; the answers are put together.",
        "switch": "The first step whose condition fits the request.",
        "splitter": "One step, chosen by weight.",
    },
    "GraphStep.data": {
        "request": "The request as it came.",
        "response": "The response of the step before.",
        "predictions": "That response, with its predictions as instances.",
    },
    "GraphStep.dependency": {
        "soft": "Where the step fails, the node goes on.",
        "hard": "Where the step fails, its failure is the answer.",
    },
    "Lifecycle.stage": {
        "experimental": "Being tried; not for prod.",
        "active": "In use.",
        "deprecated": "Still runs; replacedBy says by what it will be replaced.",
        "retired": "Renders nothing, so that what runs is removed.",
    },
    "MetricsCollector.collector": {
        "StdOut": "Lines with NAME=VALUE that the training prints.",
        "File": "Lines with NAME=VALUE in a file.",
        "TensorFlowEvent": "A directory with TensorFlow's events.",
        "Push": "The training reports by itself; Katib 0.18 or newer.",
    },
    "MetricsCollector.format": {"TEXT": "Lines with NAME=VALUE.", "JSON": "An object a line."},
    "Objective.metric": {
        "availability": "The share of requests that do not fail.",
        "latency": "The share of requests that are answered within the threshold.",
    },
    "Objective.goal": {"maximise": "More of it is better.", "minimise": "Less of it is better."},
    "Parameter.type": {
        "string": "A text.",
        "int": "A whole number.",
        "float": "A number.",
        "bool": "True or false.",
    },
    "PayloadFeature.type": {"number": "Its values are numbers.", "text": "Its values are texts."},
    "PayloadLogger.mode": _PAYLOADS,
    "PayloadSink.mode": _PAYLOADS,
    "Policy.rules": {
        "error": "A finding is an error, and stops.",
        "warning": "A finding is shown, and stops nothing.",
        "off": "The rule is not looked at.",
    },
    "Policy.residency": _CLASSES,
    "Reconcile.mode": {
        "auto": "Applies what Git says, and repairs what drifted.",
        "report": "Writes nothing, and tells what it would do.",
        "manual": "As auto, but for each commit only once a person approves of it.",
    },
    "Prices.perHour": _CLOUDS,
    "ResidencyRule.clouds": _CLOUDS,
    "Rollout.strategy": {
        "rolling": "Replicas are replaced a few at a time.",
        "recreate": "All replicas at once, for one accelerator that cannot be held twice.",
        "canary": "The new release answers a share of the requests.",
        "shadow": "The new release gets copies of the requests, and answers none.",
        "blueGreen": "Both run, and one of them answers all.",
    },
    "Scaling.metric": {
        "cpu": "Percent of the processors asked for; Standard mode.",
        "memory": "Percent of the memory asked for; Standard mode.",
        "concurrency": "Requests at once in a replica; Knative mode.",
        "rps": "Requests a second in a replica; Knative mode.",
    },
    "SearchParameter.type": {
        "double": "A number between min and max.",
        "int": "A whole number between min and max.",
        "categorical": "One of a list of texts.",
        "discrete": "One of a list of numbers.",
    },
    "SearchParameter.distribution": {
        "uniform": "Every value is as likely.",
        "logUniform": "Every order of magnitude is as likely.",
        "normal": "Values about the middle are likelier.",
        "logNormal": "The same, by orders of magnitude.",
    },
    "SecretStore.kind": {
        "SecretStore": "A store of the namespace.",
        "ClusterSecretStore": "A store of the whole cluster.",
    },
    "Serving.mode": {
        "realtime": "Answers requests in a cluster.",
        "batch": "Scores files, on a schedule.",
        "streaming": "Scores events of a stream.",
        "edge": "Answers requests at a small site.",
        "llm": "A large language model behind a gateway.",
    },
    "Serving.protocol": {
        "v1": "KServe's first protocol over HTTP: instances and predictions.",
        "v2": "The Open Inference Protocol over HTTP.",
        "grpc-v1": "KServe's first protocol over gRPC.",
        "grpc-v2": "The Open Inference Protocol over gRPC.",
    },
    "ServingCapability.deploymentMode": {
        "Standard": "A Deployment and an autoscaler; called RawDeployment before KServe 0.16.",
        "Knative": "Scales to zero, and shares requests out by percentages.",
    },
    "Spark.type": {language: f"An application in {language}." for language in ("Python", "Scala", "Java", "R")},
    "StorageLocation.cloud": _CLOUDS,
    "StreamLogin.mechanism": {
        "plaintext": "SASL PLAIN: the password as it is, so only over TLS.",
        "scram_sha256": "SASL SCRAM with SHA-256.",
        "scram_sha512": "SASL SCRAM with SHA-512.",
    },
    "Streaming.from": {
        "earliest": "A new group reads from the first event that is kept.",
        "latest": "A new group reads from what comes now.",
    },
    "TargetSpec.cloud": _CLOUDS,
    "TargetSpec.workloadIdentity": {
        "annotated": "The pods' ServiceAccount names the cloud identity.",
        "associated": "The cloud was told outside of the cluster; aws and gcp only.",
    },
    "Tensor.datatype": _TENSORS,
    "Toleration.operator": {"Exists": "The key is enough.", "Equal": "Key and value must fit."},
    "Toleration.effect": {
        "NoSchedule": "No new pods come to the node.",
        "PreferNoSchedule": "New pods come only where there is no room elsewhere.",
        "NoExecute": "Pods that run there are evicted, too.",
    },
    "Training.framework": {"pytorch": "PyTorch.", "tensorflow": "TensorFlow.", "xgboost": "XGBoost."},
    "Tuning.resume": {
        "Never": "Once it is done, no trials can be added.",
        "LongRunning": "The algorithm keeps running, so that trials can be added.",
        "FromVolume": "What the algorithm knows is kept on a volume, so that trials can be added.",
    },
}
"""For each block and field, by its name in YAML, what each value means."""
