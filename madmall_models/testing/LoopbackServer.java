import java.lang.reflect.Field;
import java.net.InetAddress;

/**
 * Starts DynamoDB Local on the loopback address only. Its command line has no option for the address, and by itself it
 * listens on every interface. So the server is made by its own factory and given the address before it starts.
 * Everything is looked up by name at run time: nothing of DynamoDB Local is compiled, copied or changed.
 */
public final class LoopbackServer {
    private static final String FACTORY = "software.amazon.dynamodb.services.local.main.ServerRunner";

    private LoopbackServer() {}

    public static void main(String[] arguments) throws Exception {
        Object server = Class.forName(FACTORY)
            .getMethod("createServerFromCommandLineArgs", String[].class)
            .invoke(null, (Object) arguments);
        listenOnLoopback(server);
        server.getClass().getMethod("safeStart").invoke(server);
        server.getClass().getMethod("join").invoke(server);
    }

    private static void listenOnLoopback(Object server) throws Exception {
        Field field = server.getClass().getDeclaredField("server");
        field.setAccessible(true);
        Object jetty = field.get(server);
        String address = InetAddress.getLoopbackAddress().getHostAddress();
        for (Object connector : (Object[]) jetty.getClass().getMethod("getConnectors").invoke(jetty)) {
            connector.getClass().getMethod("setHost", String.class).invoke(connector, address);
        }
    }
}
