"""What runs the controller in clusters, as manifests. Pure.

installation   what is installed, as data           rights      what the controller may do at a target
install        all of it, in order                  resources   how the API names kinds in rights
workload       Deployment, StatefulSet, CronJob     access      accounts, Roles and bindings
pod, arguments the container and its command line   network     namespace, NetworkPolicy
kustomize      deploy/                              scraping, alerts, dashboard, panels, queries   monitoring
"""
