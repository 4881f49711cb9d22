/**
 * A step of a shared library for Jenkins: mlgitops(job: 'check', package: 'mlgitops==VERSION').
 *
 * job            check, apply, drift or promote
 * package        what pip installs; left out where mlgitops is on the agent's PATH already
 * environments   a list; all where it is left out, for promote all but the first
 * options        a list of options of the verb that the job runs
 * directory      the project's folder within the checkout
 * credentialsId  a credential of kind "Secret text" with the forge's token, for check and promote
 * tokenVariable  the variable that mlgitops looks for it in, such as GITHUB_TOKEN
 */
def call(Map arguments = [:]) {
    String job = arguments.job ?: 'check'
    if (!(job in ['check', 'apply', 'drift', 'promote'])) {
        error "mlgitops: there is no job '${job}'; choose check, apply, drift or promote"
    }
    try {
        dir(arguments.directory ?: '.') {
            withEnv(variables(job, arguments)) {
                withToken(arguments) {
                    sh script()
                }
            }
        }
    } finally {
        junit testResults: '**/mlgitops-reports/*.xml', allowEmptyResults: true
        archiveArtifacts artifacts: '**/mlgitops-reports/*', allowEmptyArchive: true
    }
}

/** What the script is told. Lists have a word a line, since neither names nor options have line ends. */
private List<String> variables(String job, Map arguments) {
    return [
        "MLGITOPS_RUN=${job}",
        "MLGITOPS_PACKAGE=${arguments['package'] ?: ''}",
        "MLGITOPS_ENVIRONMENTS=${(arguments.environments ?: []).join('\n')}",
        "MLGITOPS_OPTIONS=${(arguments.options ?: []).join('\n')}",
    ]*.toString()
}

private void withToken(Map arguments, Closure body) {
    if (arguments.credentialsId) {
        String variable = arguments.tokenVariable ?: 'GITHUB_TOKEN'
        withCredentials([string(credentialsId: arguments.credentialsId, variable: variable)], body)
    } else {
        body()
    }
}

/** The same for every call: nothing is put into it, so that no argument is ever taken for shell. */
private String script() {
    return '''
        set -euf
        if [ -n "$MLGITOPS_PACKAGE" ]; then
            python3 -m venv .mlgitops-python
            PATH="$PWD/.mlgitops-python/bin:$PATH"
            python -m pip install --quiet "$MLGITOPS_PACKAGE"
        fi
        if [ -n "${CHANGE_TARGET:-}" ]; then
            git fetch --quiet origin "+refs/heads/$CHANGE_TARGET:refs/remotes/origin/$CHANGE_TARGET"
        fi
        if [ "$MLGITOPS_RUN" = promote ]; then option=--to; else option=--env; fi
        IFS="
"
        set -- "$MLGITOPS_RUN"
        for environment in $MLGITOPS_ENVIRONMENTS; do set -- "$@" "$option" "$environment"; done
        mlgitops ci "$@" -- $MLGITOPS_OPTIONS
    '''.stripIndent()
}
