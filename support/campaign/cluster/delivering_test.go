package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
)

// TestMain is also the program of a shard: a pod that is told so delivers bytes of its own in the frames of a real one.
func TestMain(m *testing.M) {
	if os.Getenv("CROSSDC_TEST_SHARD") != "" {
		if err := deliver(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// deliver delivers 64 KiB, and before them what the files of the shard's secrets hold.
func deliver() error {
	flags := flag.NewFlagSet("shard", flag.ContinueOnError)
	request, todo, attempt, node := flags.String("request", "", ""), flags.String("todo", "", ""), flags.String("attempt", "", ""), flags.String("node", "", "")
	flags.String("programs", "", "")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	asked, err := plan.Parse(*request)
	if err != nil {
		return err
	}
	shards, err := asked.Shards()
	if err != nil {
		return err
	}
	list, err := plan.ParseRanges(*todo, len(shards))
	if err != nil {
		return err
	}
	index, err := strconv.Atoi(os.Getenv("JOB_COMPLETION_INDEX"))
	if err != nil {
		return err
	}
	var content []byte
	if path := os.Getenv("CROSSDC_DC1_PASSWORD_FILE"); path != "" {
		if content, err = os.ReadFile(path); err != nil {
			return err
		}
	}
	content = append(content, bytes.Repeat([]byte("0123456789abcdef"), 4<<10)...)
	id := frame.Identity{Campaign: asked.Run, Shard: list[index], Attempt: *attempt}
	return errors.Join(frame.Announce(os.Stdout, id, *node), frame.Write(os.Stdout, id, content))
}

// delivering is a folder with this very program as the shard, and an engine whose pods are told to deliver.
func delivering(t *testing.T) (folder string, e *Engine) {
	t.Helper()
	folder = t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(folder, "shard")); err != nil {
		t.Fatal(err)
	}
	return folder, &Engine{Options: Options{Image: "x", CPU: "1", Memory: "1Gi", Parallel: 4, Limit: time.Minute, Environ: []string{"CROSSDC_TEST_SHARD=1"}},
		Poll: 50 * time.Millisecond, Stall: 30 * time.Second}
}

// TestACutLogIsNoResult: rotation has taken the first half of a log, and the pod says that it succeeded.
func TestACutLogIsNoResult(t *testing.T) {
	folder, e := delivering(t)
	e.Kubeconfig = served(t, folder, "-play", "cut:0@1")
	r := round(t)
	ended := map[int]engine.Event{}
	if err := e.Run(t.Context(), r, func(event engine.Event) error {
		if !event.Began {
			ended[event.Shard] = event
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for i, shard := range r.Todo {
		event := ended[shard.Index]
		whole := event.Arrived != nil && event.Arrived.Whole()
		if whole != (i != 0) {
			t.Errorf("shard %d is whole: %v (%s)", shard.Index, whole, event.Why)
		}
		if i == 0 && (event.Arrived == nil || !strings.Contains(strings.Join(event.Arrived.Problems, " "), "of 11 lines are missing")) {
			t.Errorf("of the cut log was said %q", event.Arrived.Problems)
		}
	}
}

// TestRefusedObjectsAreNamed: a field that the server does not know, and a login that it refuses.
func TestRefusedObjectsAreNamed(t *testing.T) {
	folder, e := delivering(t)
	e.Kubeconfig = served(t, folder)
	c, err := connect(e.Kubeconfig, "")
	if err != nil {
		t.Fatal(err)
	}
	job, err := e.Job(round(t))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.Replace(raw, []byte(`"completionMode"`), []byte(`"completionMod":"x","completionMode"`), 1)
	err = c.groups["jobs"].Post().Namespace(c.namespace).Resource("jobs").Param("fieldValidation", metav1.FieldValidationStrict).SetHeader("Content-Type", "application/json").
		Body(raw).Do(t.Context()).Error()
	if !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), `unknown field "spec.completionMod"`) {
		t.Errorf("an unknown field: %v", err)
	}
	config, err := os.ReadFile(e.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(config), "token: ")
	_, after, _ := strings.Cut(string(config), "token: ")
	_, after, _ = strings.Cut(after, "}")
	e.Kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(e.Kubeconfig, []byte(before+"token: wrong}"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Run(t.Context(), round(t), func(engine.Event) error { return nil }); !apierrors.IsUnauthorized(err) || !strings.Contains(err.Error(), "create jobs") {
		t.Errorf("a wrong token: %v", err)
	}
}

// TestSecretsReachShardsAsFilesAndGo: the file holds the password, no object but the secret does, and it is removed at the end.
func TestSecretsReachShardsAsFilesAndGo(t *testing.T) {
	folder, e := delivering(t)
	e.Kubeconfig = served(t, folder)
	if err := e.Carry([]string{"CROSSDC_DC1_PASSWORD=geheim-1", "CROSSDC_TEST_SHARD=1"}); err != nil {
		t.Fatal(err)
	}
	c, err := connect(e.Kubeconfig, "")
	if err != nil {
		t.Fatal(err)
	}
	r, delivered := round(t), 0
	if err := e.Run(t.Context(), r, func(event engine.Event) error {
		if event.Began {
			for _, resource := range []string{"jobs", "pods"} {
				body, err := c.groups[resource].Get().Namespace(c.namespace).Resource(resource).Do(t.Context()).Raw()
				if err != nil || len(body) == 0 || bytes.Contains(body, []byte("geheim")) {
					t.Errorf("%s hold the password (%v)", resource, err)
				}
			}
			return nil
		}
		if event.Arrived != nil && bytes.HasPrefix(event.Arrived.Delivery, []byte("geheim-1")) {
			delivered++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if delivered != len(r.Todo) {
		t.Errorf("%d of %d shards read the password", delivered, len(r.Todo))
	}
	for resource, name := range map[string]string{"secrets": r.Plan.Run, "jobs": jobName(r.Plan, r.Number)} {
		var err error
		if resource == "jobs" {
			err = c.get(t.Context(), resource, name, &batchv1.Job{})
		} else {
			err = c.get(t.Context(), resource, name, &corev1.Secret{})
		}
		if !apierrors.IsNotFound(err) {
			t.Errorf("%s %s is still there: %v", resource, name, err)
		}
	}
}

// TestOneCampaignAtATimeHasTheDataCenters: the second is told who has them, and gets them when the first is through.
func TestOneCampaignAtATimeHasTheDataCenters(t *testing.T) {
	folder, e := delivering(t)
	e.Kubeconfig, e.Lease, e.Holder = served(t, folder), "crossdc-1", "second"
	c, err := connect(e.Kubeconfig, "")
	if err != nil {
		t.Fatal(err)
	}
	held, release, err := hold(t.Context(), c, "crossdc-1", "first")
	if err != nil {
		t.Fatal(err)
	}
	run := func() (n int, err error) {
		err = e.Run(t.Context(), round(t), func(event engine.Event) error {
			if !event.Began {
				n++
			}
			return nil
		})
		return n, err
	}
	if n, err := run(); !errors.Is(err, errHeld) || !strings.Contains(err.Error(), "first holds the lease crossdc-1") || n != 0 {
		t.Errorf("while the first has them: %d shards, %v", n, err)
	}
	if err := release(); err != nil || held.Err() == nil {
		t.Errorf("given back: %v, still held: %v", err, held.Err() == nil)
	}
	if _, err := run(); err != nil {
		t.Errorf("after the first is through: %v", err)
	}
	if _, release, err := hold(t.Context(), c, "crossdc-1", "third"); err != nil {
		t.Errorf("the second has not given them back: %v", err)
	} else if err := release(); err != nil {
		t.Error(err)
	}
}

// TestARoundWhoseJobIsGoneIsNotRunAgain: it is over, and what it has not delivered is asked for anew.
func TestARoundWhoseJobIsGoneIsNotRunAgain(t *testing.T) {
	folder, e := delivering(t)
	e.Kubeconfig = served(t, folder)
	r := round(t)
	r.Resume = true
	if err := e.Run(t.Context(), r, func(event engine.Event) error { return fmt.Errorf("told of %+v", event) }); err != nil {
		t.Error(err)
	}
}
