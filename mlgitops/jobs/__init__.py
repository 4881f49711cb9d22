"""Programs that run beside the models, in the user's own cluster: never in the reconciler, which runs nobody's code.

    drift       the program: python -m mlgitops.jobs.drift; arguments, files, one comparison, results
    sink        the program: python -m mlgitops.jobs.sink; how long logged requests are kept, and by which schema
    schema      what a logged request has to look like. Pure
    payloads    logged requests, as KServe or a CloudEvents sink wrote them. Pure
    columns     requests as columns. Pure
    reference   the data that the release was trained on, as columns. Pure
    comparison  columns against columns, by scipy. Pure
    told        the result for people and machines: the report, and metrics. Pure
    outside     reads and writes files and objects, pushes metrics

They need the packages of ``mlgitops[jobs]`` and, for objects, fsspec's package for their store (s3fs, gcsfs, adlfs).
"""
