package scenario

import (
	"fmt"
	"os"
	"os/user"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/redact"
)

// remember adds the run's scenarios to the history in folder; an empty folder keeps none.
func remember(folder string, run model.Run) error {
	if folder == "" {
		return nil
	}
	entries, err := history.Of(run)
	if err != nil {
		return fmt.Errorf("the history does not have this run: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the history does not have this run: %w", err)
	}
	if err := history.Append(folder, entries...); err != nil {
		return fmt.Errorf("the history does not have this run: %w", err)
	}
	return nil
}

// redact masks every secret of the settings wherever it might have got into a report.
func (g Given) redact() func(string) string {
	var users, secrets []string
	for _, site := range g.Config.Sites() {
		users = append(users, site.User)
		secrets = append(secrets, site.Password.Reveal(), site.Token.Reveal())
	}
	secrets = append(secrets, g.Config.Relay.Token.Reveal())
	return redact.Secrets(users, secrets)
}

// startedBy is who started the run, for the audit sheet: what CI says, else the user.
func startedBy() string {
	for _, name := range []string{"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID"} {
		if who := os.Getenv(name); who != "" {
			return who
		}
	}
	if who, err := user.Current(); err == nil {
		return who.Username
	}
	return ""
}
