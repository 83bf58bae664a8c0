// Package state keeps a campaign in a folder, so that the command can be killed at any moment and go on where it was: what
// was asked for, what was delivered, and what became of every attempt. A delivery is on disk before it counts.
//
// It may import reports/model and its siblings delivery, frame and plan.
package state

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/campaign/delivery"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
)

const (
	requestFile      = "campaign.json"
	journalFile      = "journal.jsonl"
	lockFile         = ".lock"
	deliveriesFolder = "deliveries"
)

// Kinds of entries of the journal, beside the fates of the model.
const (
	Delivered = "delivered" // the attempt counts
	Round     = "round"     // an engine was given the shards of Todo
	RoundOver = "round over"
)

// Entry is one line of the journal.
type Entry struct {
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind"`
	Shard   int       `json:"shard"`
	Attempt string    `json:"attempt,omitempty"`
	Node    string    `json:"node,omitempty"`
	Why     string    `json:"why,omitempty"`
	Todo    string    `json:"todo,omitempty"` // of a round, see plan.Ranges

	// Of an attempt that counts, by the clock of its node: when it ran, and how long its trials took in that time.
	Began  time.Time     `json:"began,omitzero"`
	Ended  time.Time     `json:"ended,omitzero"`
	Trials time.Duration `json:"trials_ns,omitempty"`
}

// State of one campaign. It is used by one goroutine.
type State struct {
	Request plan.Request
	Shards  []plan.Shard

	dir     string
	now     func() time.Time
	lock    *os.File
	journal *os.File
	entries []Entry
	counted map[int]string  // shard -> attempt
	known   map[string]bool // shard/attempt of which the end is known
	spent   map[int]int     // shard -> attempts that were lost
}

// Load reads the request of a campaign that was begun; fs.ErrNotExist where there is none.
func Load(dir string) (request plan.Request, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, requestFile))
	if err != nil {
		return request, fmt.Errorf("read the campaign: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return request, fmt.Errorf("read the campaign %s: %w", filepath.Join(dir, requestFile), err)
	}
	return request, request.Check()
}

// Open begins a campaign in a folder, or goes on with it; one process at a time. A folder of another campaign is refused.
func Open(dir string, request plan.Request, now func() time.Time) (*State, error) {
	shards, err := request.Shards()
	if err != nil {
		return nil, err
	}
	s := &State{Request: request, Shards: shards, dir: dir, now: now, counted: map[int]string{}, known: map[string]bool{}, spent: map[int]int{}}
	if err := os.MkdirAll(filepath.Join(dir, deliveriesFolder), 0o755); err != nil {
		return nil, fmt.Errorf("keep the campaign in %s: %w; name another folder with -state", dir, err)
	}
	if s.lock, err = os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("keep the campaign in %s: %w", dir, err)
	}
	if err := unix.Flock(int(s.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("the campaign in %s is being run by another process (%w); wait for it, or end it", dir, err), s.lock.Close())
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *State) begin() error {
	older, err := Load(s.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		raw, err := json.MarshalIndent(s.Request, "", " ")
		if err != nil {
			return err
		}
		if err := replace(filepath.Join(s.dir, requestFile), raw); err != nil {
			return err
		}
	case err != nil:
		return err
	case !reflect.DeepEqual(older, s.Request):
		return fmt.Errorf("%s holds another campaign: %+v, asked for %+v; give this one another -name, or remove the folder", s.dir, older, s.Request)
	}
	return s.replay()
}

// replay reads the journal. A last line that was torn when the command was killed is cut off.
func (s *State) replay() error {
	path := filepath.Join(s.dir, journalFile)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("read the campaign's journal: %w", err)
	}
	s.journal = file
	in, good := bufio.NewReader(file), int64(0)
	for number := 1; ; number++ {
		raw, err := in.ReadBytes('\n')
		if err != nil { // the end, with or without a torn line
			break
		}
		var e Entry
		if err := json.Unmarshal(raw, &e); err != nil || e.Kind != Round && e.Kind != RoundOver && (e.Shard < 0 || e.Shard >= len(s.Shards)) {
			return fmt.Errorf("read the campaign's journal %s: line %d is not one of its entries (%v); remove the line to go on without it", path, number, err)
		}
		good += int64(len(raw))
		s.remember(e)
	}
	if err := file.Truncate(good); err != nil {
		return fmt.Errorf("mend the campaign's journal: %w", err)
	}
	if _, err := file.Seek(good, 0); err != nil {
		return fmt.Errorf("mend the campaign's journal: %w", err)
	}
	return nil
}

func attemptKey(shard int, attempt string) string { return fmt.Sprintf("%d/%s", shard, attempt) }

func (s *State) remember(e Entry) {
	s.entries = append(s.entries, e)
	switch e.Kind {
	case Delivered:
		s.counted[e.Shard] = e.Attempt
	case model.FateLost:
		s.spent[e.Shard]++
	}
	if e.Attempt != "" {
		s.known[attemptKey(e.Shard, e.Attempt)] = true
	}
}

// note appends to the journal; what it says is on disk when it returns.
func (s *State) note(e Entry) error {
	e.Time = s.now().UTC()
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, writeErr := s.journal.Write(append(raw, '\n'))
	if err := errors.Join(writeErr, s.journal.Sync()); err != nil {
		return fmt.Errorf("write the campaign's journal: %w", err)
	}
	s.remember(e)
	return nil
}

// Known reports whether it is settled what became of an attempt.
func (s *State) Known(shard int, attempt string) bool { return s.known[attemptKey(shard, attempt)] }

// Counted is the attempt at a shard that counts; empty while there is none.
func (s *State) Counted(shard int) string { return s.counted[shard] }

// Todo are the shards without a result that were tried at most retries times in vain.
func (s *State) Todo(retries int) []int {
	var list []int
	for i := range s.Shards {
		if s.counted[i] == "" && s.spent[i] <= retries {
			list = append(list, i)
		}
	}
	return list
}

// Missing are the shards without a result.
func (s *State) Missing() []int { return s.Todo(len(s.entries)) }

// BeginRound notes that an engine is given shards, and returns the number of the round, from 1.
func (s *State) BeginRound(todo []int) (int, error) {
	err := s.note(Entry{Kind: Round, Todo: plan.Ranges(todo)})
	number, _, _ := s.LastRound()
	return number, err
}

// EndRound notes that an engine has nothing left of the round.
func (s *State) EndRound() error { return s.note(Entry{Kind: RoundOver}) }

// LastRound is the number of the round that was begun last, with its shards, and whether it was left open; 0 before the first.
func (s *State) LastRound() (number int, todo []int, open bool) {
	for _, e := range s.entries {
		switch e.Kind {
		case Round:
			number, open = number+1, true
			todo, _ = plan.ParseRanges(e.Todo, len(s.Shards))
		case RoundOver:
			open = false
		}
	}
	return number, todo, open
}

// Take decides about an attempt that has ended: it counts, or is doubled, or is lost, and why. Asked again of an attempt
// that is known, it changes nothing and returns an empty fate.
func (s *State) Take(a *frame.Attempt, node, why string) (fate string, err error) {
	if s.Known(a.Shard, a.Attempt) {
		return "", nil
	}
	if a.Shard >= len(s.Shards) {
		return "", fmt.Errorf("%s: the campaign has %d shards only", a.Identity, len(s.Shards))
	}
	if a.Node != "" {
		node = a.Node
	}
	if !a.Whole() {
		return model.FateLost, s.Lose(a.Shard, a.Attempt, node, join(why, a.Problems))
	}
	d, err := delivery.Unpack(a.Delivery)
	if err == nil {
		err = d.Answers(s.Request, s.Shards[a.Shard])
	}
	if err != nil {
		return model.FateLost, s.Lose(a.Shard, a.Attempt, node, join(why, append(a.Problems, err.Error())))
	}
	if first := s.counted[a.Shard]; first != "" {
		return model.FateDoubled, s.note(Entry{Kind: model.FateDoubled, Shard: a.Shard, Attempt: a.Attempt, Node: node, Why: "attempt " + first + " counts"})
	}
	if err := replace(s.path(a.Shard, a.Attempt), a.Delivery); err != nil {
		return "", err
	}
	return Delivered, s.note(Entry{Kind: Delivered, Shard: a.Shard, Attempt: a.Attempt, Node: node, Why: join("", a.Problems), Began: d.Started, Ended: d.Finished, Trials: d.Trials()})
}

// Lose notes that nothing whole arrived of an attempt.
func (s *State) Lose(shard int, attempt, node, why string) error {
	if s.Known(shard, attempt) {
		return nil
	}
	return s.note(Entry{Kind: model.FateLost, Shard: shard, Attempt: attempt, Node: node, Why: why})
}

func join(why string, problems []string) string {
	for _, p := range problems {
		if why != "" {
			why += "; "
		}
		why += p
	}
	return why
}

func (s *State) path(shard int, attempt string) string {
	return filepath.Join(s.dir, deliveriesFolder, fmt.Sprintf("%06d-%s.json.gz", shard, attempt))
}

// Delivery reads the result of a shard that counts.
func (s *State) Delivery(shard int) (d delivery.Delivery, err error) {
	raw, err := os.ReadFile(s.path(shard, s.counted[shard]))
	if err != nil {
		return d, fmt.Errorf("read what %s delivered: %w", s.Shards[shard], err)
	}
	if d, err = delivery.Unpack(raw); err != nil {
		return d, fmt.Errorf("read what %s delivered: %w", s.Shards[shard], err)
	}
	if err := d.Answers(s.Request, s.Shards[shard]); err != nil {
		return d, fmt.Errorf("read what %s delivered: %w", s.Shards[shard], err)
	}
	return d, nil
}

// Fates are the attempts and shards of which more is to be said than that they were delivered, in the order of shards.
func (s *State) Fates(leftOut []int) []model.ShardFate {
	var fates []model.ShardFate
	for _, e := range s.entries {
		switch {
		case e.Kind == model.FateLost || e.Kind == model.FateDoubled, e.Kind == Delivered && e.Why != "":
			fates = append(fates, model.ShardFate{Shard: e.Shard, Name: s.Shards[e.Shard].String(), Attempt: e.Attempt, Node: e.Node, Fate: e.Kind, Why: e.Why})
		}
	}
	for _, shard := range s.Missing() {
		fate := model.ShardFate{Shard: shard, Name: s.Shards[shard].String(), Fate: model.FateMissing, Why: fmt.Sprintf("%d attempts were lost", s.spent[shard])}
		if slices.Contains(leftOut, shard) {
			fate.Fate = model.FateLeftOut
		}
		fates = append(fates, fate)
	}
	slices.SortStableFunc(fates, func(a, b model.ShardFate) int { return a.Shard - b.Shard })
	return fates
}

// Entries are the lines of the journal so far.
func (s *State) Entries() []Entry { return s.entries }

// Dir is the campaign's folder.
func (s *State) Dir() string { return s.dir }

// Close lets another process go on.
func (s *State) Close() error {
	var journalErr error
	if s.journal != nil {
		journalErr = s.journal.Close()
	}
	return errors.Join(journalErr, s.lock.Close())
}

// replace writes a file so that it is there as a whole, or as it was before.
func replace(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".keeping-*")
	if err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	_, writeErr := file.Write(data)
	if err := errors.Join(writeErr, file.Sync(), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("keep %s: %w", path, err), os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	return nil
}
