package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// peerFiles are an npm project, pinned by its lock file, that serves the same database by @neo4j/graphql.
//
//go:embed peer/package.json peer/package-lock.json peer/schema.graphql peer/server.js
var peerFiles embed.FS

// The questions of the page and of one group in the peer's language, without what it cannot say cheaply: its lists look at marks and
// retractions of nodes, and not at those of claims, which it reads by connections alone, and slower.
const (
	peerShown = `where: {retractedAt: {eq: null}, compartments: {eq: null}}`
	peerRoute = `id name carries(limit: 10, sort: [{name: ASC}, {id: ASC}], ` + peerShown + `) { id name }`
	peerPage  = `query Page($first: Int!) {
  groups(limit: $first, sort: [{name: ASC}, {id: ASC}], ` + peerShown + `) {
    id name
    operates(limit: 10, sort: [{name: ASC}, {id: ASC}], ` + peerShown + `) {
      ` + peerRoute + `
      legs(limit: 10, sort: [{order: ASC}, {id: ASC}], ` + peerShown + `) { id order mode from(` + peerShown + `) { id name } to(` + peerShown + `) { id name } }
    }
  }
}`
	peerGroup = `query Group($id: ID!) {
  groups(where: {id: {eq: $id}, retractedAt: {eq: null}, compartments: {eq: null}}) {
    id name operates(limit: 10, sort: [{name: ASC}, {id: ASC}], ` + peerShown + `) { ` + peerRoute + ` }
  }
}`
	// groupQuery is the same question to this program.
	groupQuery = `query Group($id: ID!) {
  group(id: $id) { id name operates(first: 10) { nodes { id name carries(first: 10) { nodes { id name } } } } }
}`
)

// peer measures the same questions over HTTP beside @neo4j/graphql on the same server.
func (b *bench) peer(ctx context.Context, s *site, uri string) (err error) {
	if _, err := exec.LookPath("npm"); err != nil {
		fmt.Fprintln(b.log, "bench: peer is left out: it needs Node.js with npm")
		return nil
	}
	url, stop, err := b.startPeer(ctx, uri)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	peer := &client{url: url}
	defer peer.http.CloseIdleConnections()
	for _, q := range []struct {
		name          string
		own, others   func(i int) request
		least, rounds int
	}{
		{
			"page",
			func(int) request { return pageRequest() },
			func(int) request { return newRequest(peerPage, map[string]any{"first": pageSize}) }, 4, 200,
		},
		{
			"one group two relations deep",
			func(i int) request { return newRequest(groupQuery, map[string]any{"id": s.network.ID("Group", i)}) },
			func(i int) request { return newRequest(peerGroup, map[string]any{"id": s.network.ID("Group", i)}) }, 5, 500,
		},
	} {
		groups := min(pageSize, s.network.Count("Group"))
		own, others := make([]request, groups), make([]request, groups)
		for i := range groups {
			own[i], others[i] = q.own(i), q.others(i)
		}
		objects := func(c *client, r request) (int, error) {
			answer, err := c.ask(ctx, r)
			return strings.Count(string(answer), `"id":`), err
		}
		mine, err := objects(s.client, own[0])
		if err != nil {
			return err
		}
		theirs, err := objects(peer, others[0])
		if err != nil {
			return err
		}
		if theirs < mine || theirs > mine+mine/50 {
			return fmt.Errorf("%s: %d objects here, %d there: not the same question", q.name, mine, theirs)
		}
		at := 0
		works := []func() error{
			func() error { _, err := s.client.ask(ctx, own[at%groups]); return err },
			func() error { at++; _, err := peer.ask(ctx, others[(at-1)%groups]); return err },
		}
		took, err := warmed(b.repetitions(q.rounds), b.repetitions(q.rounds), works...)
		if err != nil {
			return err
		}
		b.compare(q.name+" beside @neo4j/graphql", durations("HTTP", took[0]), durations("@neo4j/graphql 7.6.3 over HTTP", took[1]), 1/float64(q.least))
	}
	return nil
}

// startPeer installs and starts the peer, and tells where it answers.
func (b *bench) startPeer(ctx context.Context, uri string) (url string, stop func() error, err error) {
	dir := filepath.Join(b.dir, "peer")
	if err := errors.Join(os.RemoveAll(dir), os.CopyFS(b.dir, peerFiles)); err != nil {
		return "", nil, err
	}
	fmt.Fprintln(b.log, "bench: npm ci of @neo4j/graphql")
	install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	// The end of its standard input ends it, however this process ends.
	server := exec.CommandContext(ctx, "node", "server.js", uri)
	server.Dir, server.Stderr = dir, b.log
	input, err := server.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	output, err := server.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := server.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		err := input.Close()
		_, drained := io.Copy(io.Discard, output)
		return errors.Join(err, drained, server.Wait())
	}
	port, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("@neo4j/graphql did not start: %w", err), stop())
	}
	url = "http://127.0.0.1:" + strings.TrimSpace(port) + "/"
	return url, stop, nil
}
