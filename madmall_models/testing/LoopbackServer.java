import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetAddress;
import software.amazon.dynamodb.services.local.main.ServerRunner;

/**
 * Starts DynamoDB Local on 127.0.0.1 only. The jar itself has no option for the address and would listen on every
 * interface; so the server is made by its own factory, and its connectors are given the address before it starts.
 */
public final class LoopbackServer {
    private LoopbackServer() {}

    public static void main(String[] arguments) throws Exception {
        var proxy = ServerRunner.createServerFromCommandLineArgs(arguments);
        Field field = proxy.getClass().getDeclaredField("server");
        field.setAccessible(true);
        Object jetty = field.get(proxy);
        Method connectors = jetty.getClass().getMethod("getConnectors");
        for (Object connector : (Object[]) connectors.invoke(jetty)) {
            connector.getClass().getMethod("setHost", String.class)
                .invoke(connector, InetAddress.getLoopbackAddress().getHostAddress());
        }
        proxy.safeStart();
        proxy.join();
    }
}
