package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/crimegraph/crimegraph/examples"
	"github.com/crimegraph/crimegraph/explorer"
	"github.com/crimegraph/crimegraph/graph"
)

// minTokenLength keeps tokens from being guessed; `openssl rand -hex 16` gives 32 characters.
const minTokenLength = 16

func (p *program) serve() *cobra.Command {
	var listen string
	var insecure bool
	var hosts, origins []string
	var timeout time.Duration
	var concurrency int
	var memory memoryFlag
	var access accessFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the explorer, the GraphQL API and GraphiQL",
		Long: `Serves the explorer at /, the GraphQL API at /graphql, GraphiQL at /graphiql, the schema at /schema.graphql, and /healthz and /readyz.

It listens on loopback. Another address needs a bearer token in CRIMEGRAPH_TOKEN, which callers send as
"Authorization: Bearer …", or --insecure. Ctrl-C finishes the requests under way and ends.`,
		Example: `  crimegraph serve
  crimegraph serve --store sqlite:crime.db --listen 127.0.0.1:9000
  CRIMEGRAPH_TOKEN=… crimegraph serve --listen 0.0.0.0:8080 --host graph.example.org --max-tlp GREEN`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			ctx := c.Context()
			host, _, err := net.SplitHostPort(listen)
			if err != nil {
				return usage("--listen: %q is no address; write HOST:PORT, as 127.0.0.1:8080", listen)
			}
			token := p.getenv("CRIMEGRAPH_TOKEN")
			if token != "" && len(token) < minTokenLength {
				return usage("CRIMEGRAPH_TOKEN is shorter than %d characters", minTokenLength)
			}
			switch {
			case timeout <= 0:
				return usage("--timeout: %v is no time; write one above 0, as 30s", timeout)
			case concurrency < 1:
				return usage("--concurrency: at least 1, not %d", concurrency)
			}
			bytes, err := memory.bytes()
			if err != nil {
				return err
			}
			for _, o := range origins {
				if u, err := url.Parse(o); err != nil || u.Host == "" || u.Scheme == "" || u.Path != "" {
					return usage("--origin: %q is no origin; write SCHEME://HOST[:PORT], as https://map.example.org", o)
				}
			}
			if !loopback(host) && token == "" {
				if !insecure {
					return usage("--listen %s can be reached by others: set CRIMEGRAPH_TOKEN, or say --insecure to serve everybody", listen)
				}
				fmt.Fprintf(p.stderr, "crimegraph: warning: --insecure: everybody who reaches %s can read this store\n", listen)
			}
			s, may, err := p.shown(ctx, access)
			if err != nil {
				return err
			}
			defer closing(s, &err)
			log := slog.New(slog.NewTextHandler(p.stderr, nil))
			questions, err := examples.JSON()
			if err != nil {
				return err
			}
			api := graph.NewAPI(p.model, s, graph.Options{Timeout: timeout, NetworkMemory: bytes, Log: log})
			server := graph.NewServer(api, s, graph.ServerOptions{
				Access: may, Token: token, Hosts: hosts, Origins: origins, Concurrency: concurrency, Log: log,
				Examples: questions, GraphiQL: explorer.GraphiQL(), Explorer: explorer.App(),
			})
			listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
			if err != nil {
				var taken *net.OpError
				if errors.As(err, &taken) {
					return usage("--listen %s: %w", listen, taken.Err)
				}
				return err
			}
			address := reachable(listener.Addr().String(), hosts)
			fmt.Fprintf(p.stderr, "crimegraph: explorer at http://%s/, GraphiQL at http://%s/graphiql, API at http://%s/graphql; Ctrl-C ends\n", address, address, address)
			return server.Serve(ctx, listener)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	c.Flags().BoolVar(&insecure, "insecure", false, "serve other machines without a token")
	c.Flags().StringSliceVar(&hosts, "host", nil, "further host name to answer under; repeat for several")
	c.Flags().StringSliceVar(&origins, "origin", nil, "web origin whose pages may call, as https://map.example.org; repeat for several")
	c.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "end a request that takes longer")
	c.Flags().IntVar(&concurrency, "concurrency", 32, "requests that run at once")
	memory.add(c.Flags())
	access.add(c.Flags())
	return c
}

// reachable is an address that the server answers under: where it listens on all, the first --host, or this machine's own name for itself.
func reachable(address string, hosts []string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsUnspecified() {
		return address
	}
	if len(hosts) > 0 {
		return net.JoinHostPort(hosts[0], port)
	}
	return net.JoinHostPort("localhost", port)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
