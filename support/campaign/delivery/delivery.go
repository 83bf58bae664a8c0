// Package delivery is what one attempt at a shard hands over: the stored run of its suite and its stored scenarios, as a
// suite writes them, in one compressed piece.
//
// It may import reports, support/scenario/record and its siblings frame and plan.
package delivery

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/scenario/record"
)

// schema of a delivery; a campaign refuses others.
const schema = 1

// most bytes that an unpacked delivery may have.
const most = 1 << 30

// Delivery of one attempt.
type Delivery struct {
	Schema   int             `json:"schema"`
	From     frame.Identity  `json:"from"`
	Node     string          `json:"node"`
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished"`
	Exit     int             `json:"exit"` // of the suite
	Raw      json.RawMessage `json:"run"`
	Stored   []record.Stored `json:"stored"`

	Run model.Run `json:"-"`
}

// Gather reads what a suite left in a folder of reports.
func Gather(reports string, shard plan.Shard) (run model.Run, stored []record.Stored, err error) {
	run, err = store.Read(filepath.Join(reports, shard.Suite+".json"))
	if err != nil {
		return run, nil, fmt.Errorf("gather the results of %s: %w", shard, err)
	}
	stored, err = record.LoadAll(filepath.Join(reports, "runs", run.ID, shard.Suite))
	if err != nil {
		return run, nil, fmt.Errorf("gather the stored scenarios of %s: %w", shard, err)
	}
	return run, stored, nil
}

// Pack makes one piece of it.
func Pack(d Delivery) ([]byte, error) {
	d.Schema = schema
	var err error
	if d.Raw, err = store.Encode(d.Run); err != nil {
		return nil, fmt.Errorf("pack %s: %w", d.From, err)
	}
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", d.From, err)
	}
	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	_, writeErr := packed.Write(raw)
	if err := errors.Join(writeErr, packed.Close()); err != nil {
		return nil, fmt.Errorf("pack %s: %w", d.From, err)
	}
	return b.Bytes(), nil
}

// Unpack reads what Pack wrote.
func Unpack(data []byte) (d Delivery, err error) {
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return d, fmt.Errorf("unpack a delivery: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(packed, most+1))
	if err != nil {
		return d, fmt.Errorf("unpack a delivery: %w", err)
	}
	if len(raw) > most {
		return d, fmt.Errorf("unpack a delivery: it is larger than %d bytes", most)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, fmt.Errorf("unpack a delivery: %w", err)
	}
	if d.Schema != schema {
		return d, fmt.Errorf("unpack a delivery: its schema is %d, this program knows %d; run campaign and shards from one build", d.Schema, schema)
	}
	if d.Run, err = store.Decode(d.Raw); err != nil {
		return d, fmt.Errorf("unpack a delivery: %w", err)
	}
	d.Raw = nil
	return d, nil
}

// Trials is how long the scenarios themselves took.
func (d Delivery) Trials() (all time.Duration) {
	for _, s := range d.Run.Scenarios {
		all += max(0, time.Duration(s.Finished-s.Started))
	}
	return all
}

// Answers reports whether the delivery is a whole answer to what the shard was asked: nil, or why it does not count. How
// its scenarios ended plays no part: a failure is an answer, and must not be run again until it passes.
func (d Delivery) Answers(request plan.Request, shard plan.Shard) error {
	run := d.Run
	switch {
	case d.From.Campaign != request.Run || d.From.Shard != shard.Index:
		return fmt.Errorf("it belongs to %s of campaign %s", d.From, d.From.Campaign)
	case run.ID != request.Run:
		return fmt.Errorf("its run is %q, want %q", run.ID, request.Run)
	case len(run.Suites) != 1 || run.Suites[0] != shard.Suite:
		return fmt.Errorf("it is of the suites %v, want %s", run.Suites, shard.Suite)
	case run.Seed != shard.Seed && len(run.Refused) == 0:
		return fmt.Errorf("its seed is %d, want %d", run.Seed, shard.Seed)
	case run.Interrupted:
		return errors.New("the suite was interrupted")
	case run.Finished.IsZero():
		return errors.New("the suite did not finish")
	case len(run.Scenarios) == 0:
		return errors.New("it has no scenario")
	}
	for _, s := range run.Scenarios {
		if s.Outcome == model.Running || s.Outcome == model.Interrupted || s.Outcome == model.Unfinished {
			return fmt.Errorf("%s %s did not end (%s)", s.ID, s.Name, s.Outcome.Word())
		}
		if s.Trial > shard.Trials() {
			return fmt.Errorf("%s %s has a trial %d of %d", s.ID, s.Name, s.Trial, shard.Trials())
		}
	}
	return nil
}
