import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseInternalSettings;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.configuration.ssl.ClientAuth;
import org.neo4j.configuration.ssl.SslPolicyConfig;
import org.neo4j.configuration.ssl.SslPolicyScope;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.io.ByteUnit;

/** Serves Bolt on 127.0.0.1 until SIGTERM or the end of standard input: java Server.java HOME PORT PAGE_CACHE_IN_MIB ENCRYPTED. */
class Server {
    public static void main(String[] arguments) {
        // The pipe to the test's process closes however that process ends, so no server outlives its test.
        new Thread(Server::endWithStandardInput).start();
        try {
            start(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]), Boolean.parseBoolean(arguments[3]), System.getenv("NEO4J_TEST_PASSWORD"));
        } catch (Throwable failure) { // Neo4j's threads would keep the process alive
            failure.printStackTrace();
            System.exit(1);
        }
    }

    static void start(Path home, int port, long pages, boolean encrypted, String password) {
        var policy = SslPolicyConfig.forScope(SslPolicyScope.BOLT); // HOME/certificates/private.key and public.crt
        var service = new DatabaseManagementServiceBuilder(home)
            .setConfig(BoltConnector.enabled, true)
            .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
            .setConfig(policy.enabled, encrypted)
            .setConfig(policy.base_directory, Path.of("certificates"))
            .setConfig(policy.client_auth, ClientAuth.NONE)
            .setConfig(BoltConnector.encryption_level, encrypted ? BoltConnector.EncryptionLevel.REQUIRED : BoltConnector.EncryptionLevel.DISABLED)
            .setConfig(GraphDatabaseSettings.auth_enabled, password != null)
            .setConfig(GraphDatabaseSettings.pagecache_memory, ByteUnit.mebiBytes(pages))
            .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false) // 256 MiB a database
            .setConfig(GraphDatabaseSettings.keep_logical_logs, "keep_none") // gigabytes otherwise, in long runs
            .setConfig(GraphDatabaseSettings.udc_enabled, false) // the usage report
            .setConfig(GraphDatabaseInternalSettings.netty_server_shutdown_quiet_period, 0) // 10 s a shutdown
            .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        if (password != null) {
            // ALTER USER refuses the password that a restarted server has already.
            service.database("system").executeTransactionally(
                "CREATE OR REPLACE USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", password));
        }
        System.out.println("ready");
    }

    static void endWithStandardInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException closed) {
            // the same as its end
        }
        System.exit(0);
    }
}
