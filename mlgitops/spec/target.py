"""A Target: one place that manifests go to, and what it can do."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mlgitops.sources import FOLDERS, PROJECT_FILE
from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import (
    Block,
    Cloud,
    ComponentVersion,
    EnvironmentVariableName,
    Items,
    LabelKey,
    LabelValue,
    Line,
    Name,
    Quantity,
    StorageUri,
    Uri,
)
from mlgitops.tools.git_names import PLAIN_PATH, git_branch, git_repository


def _directory_of_its_own(path: str) -> str:
    """The path, unless it leads out of the project or to where its specs are read from. Raises ``ValueError``."""
    parts = PurePosixPath(path.lower()).parts
    if not parts or parts[0] in (PROJECT_FILE, *FOLDERS) or {"..", ".git"} & set(parts):
        raise ValueError("not a directory of its own within the project, such as clusters/dev")
    return path


class DirectoryConnection(Block):
    """A directory of rendered files; needs no cluster."""

    path: Annotated[
        Annotated[
            str,
            StringConstraints(pattern=r"^[^/\\\x00-\x1f][^\\\x00-\x1f]*$", max_length=255),
            AfterValidator(_directory_of_its_own),
        ],
        Field(description="The directory, relative to the project's root; made when missing."),
    ]


class GitConnection(Block):
    """A branch of rendered manifests in a Git repository, which Argo CD or Flux syncs to the cluster."""

    repository: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=1024), AfterValidator(git_repository)] | None,
        Field(
            description="The repository: an https, ssh or file URL, USER@HOST:PATH, or a path from the project's root. "
            "Where it is left out, the branch is in the repository that holds the project. Never with a login."
        ),
    ] = None
    branch: Annotated[
        Annotated[str, StringConstraints(pattern=PLAIN_PATH, max_length=200), AfterValidator(git_branch)] | None,
        Field(description="The branch, made when missing; deploy/ENVIRONMENT/TARGET where it is left out."),
    ] = None
    path: Annotated[
        Annotated[str, StringConstraints(pattern=PLAIN_PATH, max_length=255)] | None,
        Field(description="The folder within the branch; the whole branch where it is left out."),
    ] = None
    push: Annotated[
        bool,
        Field(
            description="Whether the branch is the one at 'origin', from where the project was cloned, rather than the "
            "one in the clone. A repository that is named is always pushed to."
        ),
    ] = False


class Impersonation(Block):
    """As whom requests are made. The credentials need the right to impersonate."""

    user: Annotated[Line, Field(description="The user name, such as system:serviceaccount:NAMESPACE:NAME.")]
    groups: Annotated[tuple[Line, ...], Items, Field(description="The groups, besides those the API adds.")] = ()


class KubernetesConnection(Block):
    """A Kubernetes cluster's API. Where nothing is given, the current context of the user's own kubeconfig."""

    context: Annotated[
        Line | None, Field(description="The kubeconfig's context; its current one where it is left out.")
    ] = None
    kubeconfig: Annotated[
        Annotated[str, StringConstraints(pattern=r"^(~/)?[^/~\x00-\x1f][^\x00-\x1f]*$", max_length=255)] | None,
        Field(
            description="The kubeconfig file, from the project's root or from ~/. Where it is left out, KUBECONFIG "
            "and then ~/.kube/config. Never commit one that holds credentials."
        ),
    ] = None
    in_cluster: Annotated[
        bool,
        Field(description="Whether mlgitops runs in this cluster as a pod and uses its service account."),
    ] = False
    namespace: Annotated[
        Name | None,
        Field(
            description="The namespace of the inventory, made when missing; where it is left out, the one the models "
            "run in."
        ),
    ] = None
    impersonate: Annotated[Impersonation | None, Field(description="As whom requests are made.")] = None
    exec_plugins: Annotated[
        tuple[Line, ...],
        Items,
        Field(
            description="Credential plugins, by the name of their program, that the in-cluster reconciler may run. "
            "On a person's command line the kubeconfig alone decides."
        ),
    ] = ()

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.in_cluster and (self.context or self.kubeconfig):
            raise ValueError("inCluster leaves no choice of context or kubeconfig; give one or the other")
        return self


class Connection(Block):
    """How the target is reached. Exactly one kind of connection is given."""

    directory: Annotated[DirectoryConnection | None, Field(description="A directory of rendered files.")] = None
    kubernetes: Annotated[
        KubernetesConnection | None,
        Field(description="A Kubernetes cluster's API. May be empty: {}, the current context."),
    ] = None
    git: Annotated[
        GitConnection | None,
        Field(description="A branch of rendered manifests, which Argo CD or Flux syncs. May be empty: {}."),
    ] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [kind for kind in ("directory", "kubernetes", "git") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of directory, kubernetes and git, not {' and '.join(given) or 'none'}")
        return self


class Components(Block):
    """Which components are installed, at which version. What is left out is not there, and nothing may need it."""

    kserve: Annotated[ComponentVersion | None, Field(description="KServe, which serves models in real time.")] = None
    knative: Annotated[ComponentVersion | None, Field(description="Knative Serving, for deployment mode Knative.")] = (
        None
    )
    argo_workflows: Annotated[
        ComponentVersion | None, Field(description="Argo Workflows, for batch scoring and pipelines with steps.")
    ] = None
    trainer: Annotated[ComponentVersion | None, Field(description="Kubeflow Trainer v2 (TrainJob).")] = None
    training_operator: Annotated[
        ComponentVersion | None, Field(description="Kubeflow Training Operator v1 (PyTorchJob, TFJob, XGBoostJob).")
    ] = None
    prometheus_operator: Annotated[
        ComponentVersion | None, Field(description="Prometheus Operator (PodMonitor, PrometheusRule), for monitoring.")
    ] = None
    keda: Annotated[ComponentVersion | None, Field(description="KEDA, which scales by events.")] = None
    kueue: Annotated[ComponentVersion | None, Field(description="Kueue, which admits pipelines by quota.")] = None
    spark_operator: Annotated[
        ComponentVersion | None, Field(description="Kubeflow Spark Operator, for steps that prepare data with Spark.")
    ] = None
    katib: Annotated[ComponentVersion | None, Field(description="Katib, for tuning (Experiment).")] = None
    gateway_api: Annotated[
        ComponentVersion | None,
        Field(
            description="The Gateway API's resources, for canary, shadow and blueGreen in deployment mode Standard. A "
            "Gateway is there too: serving.gateway."
        ),
    ] = None
    leader_worker_set: Annotated[
        ComponentVersion | None,
        Field(description="LeaderWorkerSet, without which KServe reconciles no mode llm from 0.17 on."),
    ] = None
    external_secrets: Annotated[
        ComponentVersion | None, Field(description="External Secrets Operator, which makes Secrets (ExternalSecret).")
    ] = None


class ServingGateway(Block):
    """The Gateway that shares requests out between two releases of a model, and the host that it answers to."""

    name: Annotated[Name, Field(description="The Gateway's name.")]
    namespace: Annotated[
        Name, Field(description="The Gateway's namespace. Its listener has to let routes of the models' namespace in.")
    ]
    hostname: Annotated[
        Annotated[
            str,
            StringConstraints(
                pattern=r"^([-.a-z0-9]|\{(namespace|environment)\})*\{model\}([-.a-z0-9]|\{(namespace|environment)\})*$",
                max_length=253,
            ),
        ],
        Field(
            description="The host of a model, with {model} and, where wanted, {namespace} and {environment}: "
            "{model}.models.example.com. Another one than KServe itself gives to a model."
        ),
    ]

    def host(self, model: str, namespace: str, environment: str) -> str:
        """The host of one model."""
        return self.hostname.format(model=model, namespace=namespace, environment=environment)


class Footprint(Block):
    """The most that all parts of one model in mode edge may reserve here together."""

    cpu: Annotated[Quantity, Field(description="Cores: 500m, 2.")] = "2"
    memory: Annotated[Quantity, Field(description="Memory in bytes: 512Mi, 4Gi.")] = "4Gi"


class Quota(Block):
    """The most that may be asked for at the target, jobs included. Such as Kueue's ClusterQueue has, or the cluster."""

    cpu: Annotated[Quantity | None, Field(description="Cores: 64.")] = None
    memory: Annotated[Quantity | None, Field(description="Memory in bytes: 256Gi.")] = None
    accelerators: Annotated[
        dict[Name, Annotated[int, Field(ge=0, le=100_000)]],
        Field(description="Pieces by the accelerator class: a10g: 4. The class is one of spec.accelerators."),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.cpu is None and self.memory is None and not self.accelerators:
            raise ValueError("give cpu, memory or accelerators; a quota of nothing bounds nothing")
        return self


class PrometheusServer(Block):
    """The Prometheus, or what speaks as it does, that has what the containers here use."""

    url: Annotated[
        str,
        StringConstraints(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$", max_length=2048),
        Field(description="Its address: https://HOST/PATH, to which /api/v1/query is added. Never a login."),
    ]
    token_from: Annotated[
        EnvironmentVariableName | None,
        Field(description="The name of the environment variable that holds its bearer token, never the token itself."),
    ] = None


class ServingCapability(Block):
    """How KServe runs models here."""

    deployment_mode: Annotated[
        Literal["Standard", "Knative"],
        Field(
            description="Standard (a Deployment and an autoscaler; called RawDeployment before KServe 0.16) or Knative "
            "(scale to zero, percentages of traffic). It cannot change once a model runs."
        ),
    ] = "Standard"
    gateway: Annotated[
        ServingGateway | None,
        Field(description="For canary, shadow and blueGreen in mode Standard; Knative shares requests out by itself."),
    ] = None
    footprint: Footprint = Footprint()


class Toleration(Block):
    """A taint that pods may run under."""

    key: Annotated[LabelKey | None, Field(description="The taint's key; every key where it is left out.")] = None
    operator: Annotated[
        Literal["Exists", "Equal"], Field(description="Equal: key and value must fit. Exists: the key is enough.")
    ] = "Equal"
    value: Annotated[LabelValue | None, Field(description="The taint's value; for operator Equal.")] = None
    effect: Annotated[
        Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None,
        Field(description="The taint's effect; every effect where it is left out."),
    ] = None


class Accelerator(Block):
    """What an accelerator class means here: the resource to ask for and the nodes that have it."""

    resource: Annotated[
        str,
        StringConstraints(
            pattern=r"^(nvidia\.com/(gpu|mig-[0-9]+g\.[0-9]+gb)|amd\.com/gpu|gpu\.intel\.com/i915|intel\.com/gpu|habana\.ai/gaudi)$"
        ),
        Field(description="The extended resource, such as nvidia.com/gpu or nvidia.com/mig-1g.10gb."),
    ] = "nvidia.com/gpu"
    node_selector: Annotated[
        dict[LabelKey, LabelValue],
        Field(description="Labels of the nodes that have it; the cloud's usual label where this is left out."),
    ] = Field(default_factory=dict)
    tolerations: Annotated[tuple[Toleration, ...], Items, Field(description="Taints of those nodes.")] = ()
    max_per_node: Annotated[int, Field(ge=1, le=64, description="The most that one node has, 1 to 64.")] = 8


class Spot(Block):
    """The nodes that are taken back at short notice, where they are not the cloud's usual ones. Both may be empty."""

    node_selector: Annotated[dict[LabelKey, LabelValue], Field(description="Labels of these nodes.")] = Field(
        default_factory=dict
    )
    tolerations: Annotated[tuple[Toleration, ...], Items, Field(description="Taints of these nodes.")] = ()


class SecretStore(Block):
    """Where the External Secrets Operator of the target fetches Secrets from; made by the target's operator."""

    name: Annotated[Name, Field(description="The store's name.")]
    kind: Annotated[
        Literal["SecretStore", "ClusterSecretStore"],
        Field(description="SecretStore (in the namespace of the models) or ClusterSecretStore (for all namespaces)."),
    ] = "ClusterSecretStore"


class Identity(Block):
    """The cloud identity behind a name that models use."""

    principal: Annotated[
        Line,
        Field(
            description="aws: role ARN. gcp: service account e-mail. azure: client ID. onprem: the name of a Secret "
            "with the credentials (never the credentials themselves)."
        ),
    ]


class Profile(Block):
    """The last layer of the merge: what models and pipelines get here whatever they say."""

    model: Annotated[
        dict[str, Any], Field(description="A partial Model spec, merged over every model. Cannot hold a release.")
    ] = Field(default_factory=dict)
    pipeline: Annotated[dict[str, Any], Field(description="A partial Pipeline spec, merged over every pipeline.")] = (
        Field(default_factory=dict)
    )


class TargetSpec(Block):
    """One place that manifests go to, and what it can do."""

    cloud: Annotated[Cloud, Field(description="The cloud: aws (EKS), gcp (GKE), azure (AKS) or onprem.")]
    region: Annotated[Line | None, Field(description="The cloud's region or the site.")] = None
    namespace: Annotated[Name, Field(description="The namespace, unless the environment names one.")] = "models"
    connection: Connection
    components: Components = Components()
    serving: ServingCapability = ServingCapability()
    accelerators: Annotated[
        dict[Name, Accelerator], Field(description="Accelerator classes by the name that models use, such as a10g.")
    ] = Field(default_factory=dict)
    identities: Annotated[dict[Name, Identity], Field(description="Cloud identities by the name that models use.")] = (
        Field(default_factory=dict)
    )
    storage: Annotated[dict[Name, Uri], Field(description="What store://NAME/… means here: a base URI by name.")] = (
        Field(default_factory=dict)
    )
    workload_identity: Annotated[
        Literal["annotated", "associated"],
        Field(
            description="How pods come to a cloud identity. annotated: their ServiceAccount names it. associated: the "
            "cloud was told outside of the cluster to whom namespace and account belong, by an EKS Pod Identity "
            "association or a GKE principal of Workload Identity Federation; aws and gcp only."
        ),
    ] = "annotated"
    spot: Annotated[
        Spot | None,
        Field(description="Nodes for what asks for spot; the cloud's usual ones where left out, which onprem has not."),
    ] = None
    secret_store: Annotated[
        SecretStore | None, Field(description="Where fromSecret.external is fetched from; needs externalSecrets.")
    ] = None
    jurisdiction: Annotated[
        Name | None,
        Field(description="Whose law holds here, in words of your own: eu, ch, us. What policy.residency goes by."),
    ] = None
    mirrors: Annotated[
        dict[StorageUri, StorageUri],
        Field(
            description="Copies of models, base models and training data: what is under the URI on the left is read "
            "from under the one on the right. Plans name what has to be copied; mlgitops copies nothing."
        ),
    ] = Field(default_factory=dict)
    registries: Annotated[
        dict[str, Line],
        Field(description="Registry mirrors: images from the registry on the left are pulled from the right."),
    ] = Field(default_factory=dict)
    pushgateway: Annotated[
        Uri | None,
        Field(
            description="The Prometheus Pushgateway that jobs leave their metrics at, scraped with honorLabels: "
            "http://HOST:PORT. monitoring.drift needs it."
        ),
    ] = None
    quota: Annotated[
        Quota | None,
        Field(description="The most that all models and pipelines together may ask for here; no bound where left out."),
    ] = None
    prometheus: Annotated[
        PrometheusServer | None, Field(description="Where mlgitops utilisation asks what containers use here.")
    ] = None
    profile: Profile = Profile()

    @model_validator(mode="after")
    def _associates_where_the_cloud_can(self) -> Self:
        if self.workload_identity == "associated" and self.cloud not in ("aws", "gcp"):
            raise ValueError(f"workloadIdentity associated is for aws and gcp, not {self.cloud}; leave it out")
        return self


class Target(Envelope):
    """A file targets/NAME.yaml."""

    kind: Annotated[Literal["Target"], Field(description="Always Target.")]
    spec: TargetSpec
