package prometheus

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/prometheus/common/expfmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// Job is the job label under which results are pushed.
const Job = "failover"

// Write writes the metrics of run in Prometheus' text format. The error is the writer's.
func Write(w io.Writer, run model.Run) error {
	for _, family := range Families(run) {
		if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
			return fmt.Errorf("write metric %s of run %s: %w", family.GetName(), run.ID, err)
		}
	}
	return nil
}

// Textfile replaces the file at path as a whole: the textfile collector never reads half of it. The name must end in .prom,
// the only files that the collector looks at.
func Textfile(path string, run model.Run) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the metrics of run %s to %s: %w", run.ID, path, err)
		}
	}()
	if filepath.Ext(path) != ".prom" {
		return fmt.Errorf("the textfile collector reads only names that end in .prom; rename it")
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it has another name once all went well
	if err := Write(file, run); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Chmod(0o644); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// Push replaces all results at the Pushgateway with those of run: PUT <gateway>/metrics/job/failover. The context bounds
// how long that takes. Errors name the gateway without credentials.
func Push(ctx context.Context, gateway string, run model.Run) error {
	address, err := url.Parse(gateway)
	if err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https") {
		return fmt.Errorf("push the metrics of run %s: the gateway's address is no URL like http://host:9091", run.ID)
	}
	address = address.JoinPath("metrics", "job", Job)
	shown := address.Redacted()
	var body bytes.Buffer
	if err := Write(&body, run); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address.String(), &body)
	if err != nil {
		return fmt.Errorf("push the metrics of run %s to %s: not a usable address", run.ID, shown)
	}
	request.Header.Set("Content-Type", string(expfmt.NewFormat(expfmt.TypeTextPlain)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("push the metrics of run %s to %s: %w; is the Pushgateway up?", run.ID, shown, err)
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	if response.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		return fmt.Errorf("push the metrics of run %s to %s: %s: %s", run.ID, shown, response.Status, strings.TrimSpace(plain.Line(string(said))))
	}
	return nil
}
