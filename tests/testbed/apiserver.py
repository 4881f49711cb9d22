"""kube-apiserver: the files it wants and the flags it is started with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.testbed import audit, credentials
from tests.testbed.certificates import Authority
from tests.testbed.credentials import Access
from tests.testbed.process import Process, free_port

ISSUER = "https://kubernetes.default.svc.cluster.local"
MASTERS = "system:masters"


class ApiServer:
    """One kube-apiserver on a loopback port, with a serving certificate that it signs itself.

    ``users`` are its static users, by name, with their groups; each gets a token of its own. It also lets in who has a
    certificate of the authority ``clients``, by its common name and organisations. The same authority vouches for it to
    kubelets, and for kubelets to it (see kubelet.py).
    """

    def __init__(self, program: Path, directory: Path, etcd_url: str, users: Mapping[str, Sequence[str]]) -> None:
        self.directory = directory
        self.port = free_port()
        self.certificate = directory / "pki" / "apiserver.crt"
        self.key = directory / "pki" / "apiserver.key"
        self.audit_log = directory / "audit.jsonl"
        self.service_account_key = directory / "service-account.key"
        self.clients = Authority("testbed-clients")
        self._tokens = {user: credentials.new_token() for user in users}
        self._write_files(users)
        self.process = Process([program, *self._flags(etcd_url)], directory)

    def access(self, user: str) -> Access:
        """How one of the static users reaches it."""
        return self.access_with(self._tokens[user])

    def access_with(self, token: str) -> Access:
        """How the bearer of any token reaches it."""
        return Access(f"https://127.0.0.1:{self.port}", self.certificate, token)

    def _write_files(self, users: Mapping[str, Sequence[str]]) -> None:
        tokens = {user: (self._tokens[user], groups) for user, groups in users.items()}
        credentials.write_tokens(self.directory / "tokens.csv", tokens)
        credentials.write_secret(self.service_account_key, credentials.private_key())
        (self.directory / "audit-policy.json").write_text(json.dumps(audit.POLICY))
        (self.directory / "clients.crt").write_text(self.clients.certificate)
        to_kubelets = self.clients.issue("kube-apiserver-kubelet-client")
        (self.directory / "kubelet-client.crt").write_text(to_kubelets.certificate)
        credentials.write_secret(self.directory / "kubelet-client.key", to_kubelets.key)

    def _flags(self, etcd_url: str) -> list[str]:
        return [
            f"--etcd-servers={etcd_url}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            "--endpoint-reconciler-type=none",
            f"--cert-dir={self.certificate.parent}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            f"--token-auth-file={self.directory / 'tokens.csv'}",
            f"--client-ca-file={self.directory / 'clients.crt'}",
            f"--kubelet-certificate-authority={self.directory / 'clients.crt'}",
            f"--kubelet-client-certificate={self.directory / 'kubelet-client.crt'}",
            f"--kubelet-client-key={self.directory / 'kubelet-client.key'}",
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-issuer={ISSUER}",
            f"--service-account-key-file={self.service_account_key}",
            f"--service-account-signing-key-file={self.service_account_key}",
            # Pods and their service accounts are made by controllers that mostly do not run here.
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true",
            "--profiling=false",
            f"--audit-policy-file={self.directory / 'audit-policy.json'}",
            f"--audit-log-path={self.audit_log}",
            "--audit-log-maxsize=10000",
        ]
