package gateway

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestRulesOfARunningProcess(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	t.Cleanup(service.Close)
	folder := t.TempDir()
	path, err := Build(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Start(t.Context(), path, folder, []Service{{Name: "data", Target: service.URL + "/here"}}, `[{"do":"status","status":503}]`)
	if err != nil {
		t.Fatal(err)
	}
	get := func() int {
		t.Helper()
		response, err := http.Get(g.URLs["data"])
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if status := get(); status != http.StatusServiceUnavailable {
		t.Errorf("under the first rules: %d", status)
	}
	usage, err := g.Rules("[\n]")
	if err != nil || len(usage) != 1 || usage[0] != (Usage{1, 1}) {
		t.Errorf("%+v %v", usage, err)
	}
	if status := get(); status != http.StatusNoContent {
		t.Errorf("without rules: %d", status)
	}
	if _, err := g.Rules(`[{"do":"explode"}]`); err == nil {
		t.Error("an unknown act was taken")
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}
