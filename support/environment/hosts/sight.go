package hosts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// system prints the kernel and the distribution.
const system = `uname -srm; sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null; true`

func versions(ctx context.Context, host *ssh.Host) Line {
	result, err := host.Run(ctx, []string{"sh", "-c", system}, nil)
	if err != nil {
		return Line{What: "versions", Err: err}
	}
	return Line{What: "versions", Says: strings.Join(strings.FieldsFunc(string(result.Out), func(r rune) bool { return r == '\n' || r == '"' }), ", ")}
}

// listeners says who has the toolkit's ports: whoever does not run from the install folder is in its way.
func listeners(ctx context.Context, agent *client.Client, h hostsfile.Host, ports []uint16) Line {
	if len(ports) == 0 {
		return Line{What: "ports", Says: "the toolkit's are not known (CROSSDC_TOOLKIT_PORT)", Note: true}
	}
	span := fmt.Sprintf("%d to %d", ports[0], ports[len(ports)-1])
	sockets, err := agent.Listening(ctx, ports)
	if err != nil {
		return Line{What: "ports", Err: err}
	}
	if len(sockets) == 0 {
		return Line{What: "ports", Says: span + " are free: nothing of the toolkit listens on this host"}
	}
	var foreign []string
	for _, s := range sockets {
		switch {
		case s.Process == nil:
			foreign = append(foreign, fmt.Sprintf("%d is taken by a process that %s may not see", s.Port, h.User))
		case h.InstallFolder == "" || !strings.HasPrefix(s.Process.Executable, strings.TrimSuffix(h.InstallFolder, "/")+"/"):
			foreign = append(foreign, fmt.Sprintf("%d is taken by %s (process %d), which does not run from the install_folder", s.Port, s.Process.Executable, s.Process.PID))
		}
	}
	if len(foreign) > 0 {
		return Line{What: "ports", Says: strings.Join(foreign, "; "), Note: true}
	}
	return Line{What: "ports", Says: fmt.Sprintf("%d of %s listen, all of them from %s", len(sockets), span, h.InstallFolder)}
}

// replicas counts the files of the replica folder. offset is that of the host's clock to ours.
func replicas(ctx context.Context, agent *client.Client, folder string, offset time.Duration) Line {
	files, err := agent.Files(ctx, folder)
	if err != nil {
		return Line{What: "replicas", Says: fmt.Sprintf("%s cannot be listed: %v", folder, err), Note: true} // that it is missing was said above
	}
	n, newest, at := 0, "", time.Time{}
	for _, f := range files {
		if !crossdc.IsReplicaFile(f.Name) {
			continue
		}
		n++
		if modified := time.Unix(0, f.ModifiedUnixNs); modified.After(at) {
			newest, at = f.Name, modified
		}
	}
	if n == 0 {
		return Line{What: "replicas", Says: folder + " holds none"}
	}
	return Line{What: "replicas", Says: fmt.Sprintf("%d, the newest %s of %v ago", n, newest, time.Since(at.Add(-offset)).Round(time.Second))}
}
