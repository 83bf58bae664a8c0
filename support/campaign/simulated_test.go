package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/crossdc/failover/support/campaign/plan"
)

// simulated stands in for a cluster of any size in this process: it speaks as much of the API as a campaign uses, makes pods on
// the fly, and keeps a few bytes of each. A pod runs once there is room for it, and gives its room away when its log has been read.
// The real API server, which etcd and processes slow down, is that of fixtures/cluster.
type simulated struct {
	deliver func(w io.Writer, index int, attempt, node string) error
	lapses  int // after so many events a watch ends with "too old", once

	mu     sync.Mutex
	more   *sync.Cond
	job    *batchv1.Job
	events []change // those of all pods; their number is the version
	read   map[int]bool
	phases []corev1.PodPhase

	listed, watches, lapsed int
	sent                    int64 // bytes of all answers
}

type change struct {
	index int
	phase corev1.PodPhase
	added bool
}

// serveSimulated returns a kubeconfig.
func serveSimulated(t testing.TB, s *simulated) (kubeconfig string) {
	t.Helper()
	s.more, s.read = sync.NewCond(&s.mu), map[int]bool{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apis/batch/v1/namespaces/{namespace}/jobs", s.create)
	mux.HandleFunc("GET /apis/batch/v1/namespaces/{namespace}/jobs/{name}", s.get)
	mux.HandleFunc("DELETE /apis/batch/v1/namespaces/{namespace}/jobs/{name}", s.remove)
	mux.HandleFunc("GET /api/v1/namespaces/{namespace}/pods", s.pods)
	mux.HandleFunc("GET /api/v1/namespaces/{namespace}/pods/{name}/log", s.log)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	content := fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: %q}}]\ncontexts: [{name: x, context: {cluster: c, namespace: default}}]\ncurrent-context: x\n", server.URL)
	if err := os.WriteFile(kubeconfig, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

func (s *simulated) answer(w http.ResponseWriter, object any) {
	raw, err := json.Marshal(object)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.sent += int64(len(raw))
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(raw) // a client that is gone asks again
}

func (s *simulated) create(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.job = &batchv1.Job{}
	if err := json.NewDecoder(r.Body).Decode(s.job); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.phases = make([]corev1.PodPhase, *s.job.Spec.Completions)
	for index := range int(*s.job.Spec.Parallelism) {
		s.happens(index, corev1.PodRunning)
		s.happens(index, corev1.PodSucceeded)
	}
	s.answer(w, s.job)
}

// happens notes that a pod has come to a phase; the lock is held.
func (s *simulated) happens(index int, phase corev1.PodPhase) {
	s.events = append(s.events, change{index, phase, s.phases[index] == ""})
	s.phases[index] = phase
	s.more.Broadcast()
}

func (s *simulated) get(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.job == nil {
		s.missing(w, r)
		return
	}
	s.answer(w, s.job)
}

func (s *simulated) remove(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.job == nil {
		s.missing(w, r)
		return
	}
	s.job, s.phases, s.events = nil, nil, nil
	s.answer(w, status(http.StatusOK, ""))
}

func (s *simulated) missing(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	s.answer(w, status(http.StatusNotFound, metav1.StatusReasonNotFound))
}

func status(code int32, reason metav1.StatusReason) metav1.Status {
	word := metav1.StatusSuccess
	if code >= http.StatusBadRequest {
		word = metav1.StatusFailure
	}
	return metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: word, Code: code, Reason: reason, Message: string(reason)}
}

// pods lists page by page, or tells of what happens since a version.
func (s *simulated) pods(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	number := func(name string) int {
		n, _ := strconv.Atoi(query.Get(name)) // 0 where it is left out
		return n
	}
	if query.Get("watch") != "" {
		s.watch(w, r, number("resourceVersion"))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from, limit := number("continue"), number("limit")
	if limit == 0 {
		limit = len(s.phases)
	}
	list := corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, ListMeta: metav1.ListMeta{ResourceVersion: strconv.Itoa(len(s.events))}}
	for index := from; index < len(s.phases); index++ {
		if len(list.Items) == limit {
			list.Continue = strconv.Itoa(index)
			break
		}
		if s.phases[index] != "" {
			list.Items = append(list.Items, s.pod(index, s.phases[index]))
		}
	}
	s.listed += len(list.Items)
	s.answer(w, list)
}

func (s *simulated) watch(w http.ResponseWriter, r *http.Request, from int) {
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-r.Context().Done():
			s.mu.Lock()
			s.more.Broadcast()
			s.mu.Unlock()
		case <-ended:
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watches++
	w.Header().Set("Content-Type", "application/json")
	for r.Context().Err() == nil {
		if s.job == nil {
			return
		}
		if s.lapses > 0 && from >= s.lapses && s.lapsed == 0 {
			s.lapsed++
			s.answer(w, map[string]any{"type": "ERROR", "object": status(http.StatusGone, metav1.StatusReasonExpired)})
			return
		}
		for ; from < len(s.events); from++ {
			one, kind := s.events[from], "MODIFIED"
			if one.added {
				kind = "ADDED"
			}
			s.answer(w, map[string]any{"type": kind, "object": s.pod(one.index, one.phase)})
		}
		w.(http.Flusher).Flush()
		s.more.Wait()
	}
}

// pod is as large as those of real clusters: it carries the whole template.
func (s *simulated) pod(index int, phase corev1.PodPhase) corev1.Pod {
	pod := corev1.Pod{TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}, ObjectMeta: *s.job.Spec.Template.ObjectMeta.DeepCopy(), Spec: *s.job.Spec.Template.Spec.DeepCopy()}
	pod.Name, pod.UID = fmt.Sprintf("%s-%d-x", s.job.Name, index), types.UID(fmt.Sprintf("uid-%d", index))
	pod.Annotations = map[string]string{batchv1.JobCompletionIndexAnnotation: strconv.Itoa(index)}
	pod.Spec.NodeName, pod.Status.Phase = nodeOf(index), phase
	return pod
}

func nodeOf(index int) string { return fmt.Sprintf("node-%d", index%40) }

func (s *simulated) log(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.PathValue("name"), "-")
	index, err := strconv.Atoi(parts[len(parts)-2])
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	counted := &counter{Writer: w}
	err = s.deliver(counted, index, fmt.Sprintf("uid-%d", index), nodeOf(index))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent += counted.n
	if err != nil || s.job == nil || s.read[index] {
		return // a log that is cut is found to be
	}
	s.read[index] = true
	if next := index + int(*s.job.Spec.Parallelism); next < len(s.phases) {
		s.happens(next, corev1.PodRunning)
		s.happens(next, corev1.PodSucceeded)
	}
	if len(s.read) == len(s.phases) {
		s.job.Status.Conditions = append(s.job.Status.Conditions, batchv1.JobCondition{Type: batchv1.JobComplete, Status: corev1.ConditionTrue})
	}
}

type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// shardsOf are the shards that a job runs, by index: it carries the request as its pods do.
func (s *simulated) shardsOf() (asked plan.Request, shards []plan.Shard, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	arguments := s.job.Spec.Template.Spec.Containers[0].Args
	if asked, err = plan.Parse(strings.ReplaceAll(arguments[1], "$$", "$")); err != nil {
		return asked, nil, err
	}
	all, err := asked.Shards()
	if err != nil {
		return asked, nil, err
	}
	todo, err := plan.ParseRanges(arguments[3], len(all))
	for _, index := range todo {
		shards = append(shards, all[index])
	}
	return asked, shards, err
}
