package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// ErrNotInstalled says that this machine lacks a program of others that a scenario needs: no fault of anybody's.
var ErrNotInstalled = errors.New("not installed")

// exitNone is the exit code of the emulator's database on a machine without PostgreSQL.
const exitNone = 3

// databasePort is where a database listens, on its data center's own address: PostgreSQL's default.
const databasePort = 5432

// database is the private PostgreSQL server in which an emulated data center keeps replicas. It implements fault.Database.
type database struct {
	name     string // of its data center
	password string
	folder   *process.Folder // its own: the server runs as another user, who may enter nothing else of ours
	launch   func(ctx context.Context) (*process.Process, error)
	ready    databaseReady

	mu   sync.Mutex
	now  *process.Process
	lock *pgx.Conn // holds the table; nil where nobody does
}

// databaseReady is the ready line of the emulator's database.
type databaseReady struct {
	URL   string `json:"url"`
	Role  string `json:"role"`
	Table string `json:"table"`
	Key   string `json:"key"`
}

// startDatabase starts the database of the n-th data center, with a folder of its own.
func (o *embedded) startDatabase(ctx context.Context, name string, n int, program string) (*database, error) {
	d := &database{name: name}
	var secret string
	var err error
	if d.password, secret, err = newSecretFile(filepath.Join(o.folder.Path, "database.secret")); err != nil {
		return nil, err
	}
	if d.folder, err = process.NewFolder(); err != nil {
		return nil, noFolder(err)
	}
	o.databases = append(o.databases, d)
	file := filepath.Join(o.folder.Path, "database.json")
	if err := writeJSON(file, map[string]any{"folder": d.folder.Path, "address": o.block.DataCenter(n), "port": databasePort, "passwordFile": secret}); err != nil {
		return nil, err
	}
	d.launch = func(ctx context.Context) (*process.Process, error) {
		booting, cancel := context.WithTimeout(ctx, bootTimeout)
		defer cancel()
		return o.launcher.Start(booting, "the database of "+name, program, []string{"database", "--config", file}, childEnvironment(o.folder.Path))
	}
	if d.now, err = d.launch(ctx); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == exitNone {
			return nil, fmt.Errorf("PostgreSQL, in which the scenario keeps replicas, is %w on this machine (the system's package postgresql)", ErrNotInstalled)
		}
		return nil, notStarted("the database of "+name, program, "CROSSDC_EMULATOR_PATH", err)
	}
	if err := json.Unmarshal(d.now.Ready, &d.ready); err != nil || d.ready.URL == "" {
		return nil, notStarted("the database of "+name, program, "CROSSDC_EMULATOR_PATH", fmt.Errorf("its ready line %q is not understood (%v)", d.now.Ready, err))
	}
	return d, nil
}

// tell has the toolkit keep replicas in the database and nowhere else.
func (d *database) tell(values *crossdc.Config) {
	values.StorageDirectory = ""
	values.JDBCURL, values.JDBCUser, values.JDBCPassword = d.ready.URL, d.ready.Role, d.password
	values.JDBCDriverLib, values.JDBCClassName = "opt/postgresql.jar", "org.postgresql.Driver"
	values.TableName, values.PrimaryKeyColumnName = d.ready.Table, d.ready.Key
}

// Database implements fault.Databased.
func (dc *DataCenter) Database() fault.Database {
	if dc.database == nil {
		return nil
	}
	return dc.database
}

// Rows are the names of the replicas that a data center's database holds. errors.ErrUnsupported says that it has none that we can ask.
func (dc *DataCenter) Rows(ctx context.Context) (names []string, err error) {
	if dc.database == nil {
		return nil, fmt.Errorf("%s keeps no replicas in a database that can be asked: %w", dc.Name(), errors.ErrUnsupported)
	}
	err = dc.database.ask(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "select "+dc.database.ready.Key+" from "+dc.database.ready.Table+" order by 1")
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return names, err
}

// Stop implements fault.Database: the server is killed, as it would be with its machine.
func (d *database) Stop(ctx context.Context) error { return d.process().Kill(ctx) }

// Start implements fault.Database.
func (d *database) Start(ctx context.Context) error {
	if there, err := d.Answers(ctx); there || err != nil {
		return err
	}
	if err := d.process().Kill(ctx); err != nil { // what is left of it
		return err
	}
	started, err := d.launch(ctx)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = started
	return nil
}

// answerTimeout bounds the question whether the database answers, wall time.
const answerTimeout = 2 * time.Second

// Answers implements fault.Database.
func (d *database) Answers(ctx context.Context) (bool, error) {
	asking, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	err := d.ask(asking, func(ctx context.Context, conn *pgx.Conn) error { return conn.Ping(ctx) })
	return err == nil, ctx.Err()
}

// Hold implements fault.Database: another session locks the table, as maintenance does, and every statement of the toolkit waits. The
// lock ends with the session, which ends with this process.
func (d *database) Hold(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lock != nil {
		return nil
	}
	conn, err := d.connect(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "begin; lock table "+d.ready.Table+" in access exclusive mode"); err != nil {
		return errors.Join(fmt.Errorf("lock the table of replicas of %s: %w", d.name, err), conn.Close(context.WithoutCancel(ctx)))
	}
	d.lock = conn
	return nil
}

// Release implements fault.Database.
func (d *database) Release(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lock == nil {
		return nil
	}
	err := d.lock.Close(ctx)
	d.lock = nil
	if err != nil {
		return fmt.Errorf("unlock the table of replicas of %s: %w", d.name, err)
	}
	return nil
}

// Held implements fault.Database: it asks for a row, and is told that it would have to wait.
func (d *database) Held(ctx context.Context) (held bool, err error) {
	err = d.ask(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "select exists (select from pg_locks where granted and mode = 'AccessExclusiveLock' and relation = $1::regclass)", d.ready.Table).Scan(&held)
	})
	return held, err
}

func (d *database) process() *process.Process {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// ask opens a session for one question.
func (d *database) ask(ctx context.Context, question func(context.Context, *pgx.Conn) error) error {
	conn, err := d.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // whether it says goodbye to a session that has its answer
	if err := question(ctx, conn); err != nil {
		return fmt.Errorf("ask the database of %s: %w", d.name, err)
	}
	return nil
}

func (d *database) connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(d.ready.URL[len("jdbc:"):])
	if err != nil {
		return nil, fmt.Errorf("read the URL of the database of %s: %w", d.name, err)
	}
	config.User, config.Password = d.ready.Role, d.password
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database of %s: %w", d.name, err)
	}
	return conn, nil
}

// close ends the server and removes its folder.
func (d *database) close(ctx context.Context) error {
	problems := []error{d.Release(ctx)}
	if running := d.process(); running != nil {
		problems = append(problems, running.Kill(ctx))
	}
	return errors.Join(append(problems, d.folder.Close())...)
}
