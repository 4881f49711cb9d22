// Runs a step of a shared library as Jenkins would, with steps that only tell what they were given; or parses files.
//
//   run.groovy parse FILE...
//   run.groovy call FILE "mlgitops(job: 'check')"...
//
// Prints JSON, one entry for each file or call: error, empty where all is well, and calls, each a step's name and its
// plain arguments.
import groovy.json.JsonOutput
import org.codehaus.groovy.control.CompilationFailedException
import org.codehaus.groovy.control.CompilerConfiguration

abstract class Steps extends Script {
    static List calls = []

    def methodMissing(String name, Object given) {
        List arguments = given as List
        calls << [name] + arguments.findAll { !(it instanceof Closure) }
        if (name == 'error') {
            throw new IllegalStateException(arguments[0].toString())
        }
        arguments.findAll { it instanceof Closure }.each { it.call() }
        return name == 'string' ? arguments[0] : null
    }
}

def shell = new GroovyShell(this.class.classLoader, new Binding(), new CompilerConfiguration(scriptBaseClass: Steps.name))
def told = { Closure action ->
    Steps.calls = []
    String problem = ''
    try {
        action()
    } catch (IllegalStateException | CompilationFailedException failed) {
        problem = failed.message
    }
    [error: problem, calls: Steps.calls]
}
List rest = args.drop(1) as List
List found
if (args[0] == 'parse') {
    found = rest.collect { String file -> told { shell.parse(new File(file)) } }
} else {
    shell.context.setVariable('step', shell.parse(new File(rest[0])))
    found = rest.drop(1).collect { String call -> told { shell.evaluate(call.replaceFirst(/^\w+\(/, 'step.call(')) } }
}
println JsonOutput.toJson(found)
