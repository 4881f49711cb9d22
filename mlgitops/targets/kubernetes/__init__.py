"""The ``kubernetes`` target: a cluster's API, to which objects are applied by server-side apply.

configuration  how a cluster is reached          connection  the ``Connection``, which puts the rest together
plain          the same, for a plain kubeconfig  kubeconfig  what one would have us do for its credentials
client         requests: deadlines, retries      lease       one apply at a time
failures       what an answer means              applyset    the inventory as a ConfigMap (KEP-3659)
discovery      which kinds are served            objects     live objects as data: version, digest, what is ours
listing        lists, page by page               ownership   which field manager owns which field
members        finds objects                     writing     puts and deletes, each over a known version
dry_run        what an apply would make          rights      what we may do, asked before anything is written
fence          nothing leaves without the lock   events, audit_events   read about objects, written for the log
"""
