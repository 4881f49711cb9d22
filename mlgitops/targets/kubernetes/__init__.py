"""The ``kubernetes`` target: a cluster's API, to which objects are applied by server-side apply.

configuration  how a cluster is reached          connection  the ``Connection``, which puts the rest together
plain          the same, for a plain kubeconfig  kubeconfig  what one would have us do for its credentials
client         requests: retries, errors         deadline, watchdog  requests that end in time
failures       what an answer means              lease       one apply at a time
discovery      which kinds are served            fence       nothing leaves without the lock
listing        lists, page by page               objects     live objects as data: version, digest, what is ours
members        finds objects                     ownership   which field manager owns which field
dry_run        what an apply would make          writing     puts and deletes, each over a known version
rights         what we may do, asked first       record      the inventory's ConfigMap, and the audit lines
events         what is said of an object         applyset, audit_events  what these look like (KEP-3659)
routes         what leads to a model             published   the schemas of what is served
starting       what is started, not applied

For the controller, in the cluster that it runs in (``own``): ``leadership``, ``membership`` of replicas, and ``notes``.
"""
