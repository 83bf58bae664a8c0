package model

import "strings"

// CauseKind says what kind of thing kept a scenario from being tested.
type CauseKind string

// The kinds of causes.
const (
	CauseSettings     CauseKind = "settings"      // a setting is wrong
	CauseObjectives   CauseKind = "objectives"    // they cannot be kept with the toolkit's configuration
	CauseUnreachable  CauseKind = "unreachable"   // nothing listens, no route, no such host
	CauseNoAnswer     CauseKind = "no answer"     // connected, and nothing came back in time
	CauseLogin        CauseKind = "login"         // 401, a login page
	CauseRights       CauseKind = "rights"        // 403
	CauseCertificate  CauseKind = "certificate"   // not trusted, wrong name, expired, wrong fingerprint
	CauseProtocol     CauseKind = "protocol"      // http for https, an old TLS, not the service that was expected
	CauseName         CauseKind = "name"          // no such instance, operator, PE
	CauseJob          CauseKind = "job"           // no such job, or several
	CausePort         CauseKind = "port"          // taken
	CauseBuild        CauseKind = "build"         // a program could not be built or started
	CauseDataExchange CauseKind = "data exchange" // the Data Exchange service does not do what it should
	CauseFault        CauseKind = "fault"         // it could not be injected
	CauseMachine      CauseKind = "machine"       // folders, home, disk of the machine that the suite runs on
	CauseLoad         CauseKind = "load"          // the suite could not send or look enough before any fault
	CauseEnvironment  CauseKind = "environment"   // anything else between the suite and the data centers
)

// Cause says why a scenario, or a whole run, could not be tested: what, where, and what to mend. It speaks of us and of
// what is between us and the application, never of the application.
type Cause struct {
	Kind       CauseKind `json:"kind"`
	Problem    string    `json:"problem"`               // in a few words: "refused the login (401)"
	Object     string    `json:"object,omitempty"`      // what it happened to: a URL without credentials, a program, a fault
	DataCenter string    `json:"data_center,omitempty"` // "dc2"
	Setting    string    `json:"setting,omitempty"`     // that decides it: CROSSDC_DC2_PASSWORD
	Remedy     string    `json:"remedy,omitempty"`      // what to do, a half sentence: "check CROSSDC_DC2_USER and CROSSDC_DC2_PASSWORD"
	Detail     string    `json:"detail,omitempty"`      // what else is known, such as the last error; shown after the sentence, if at all
}

// Sentence says the cause in one sentence, cause first: "dc2 refused the login (401) at https://...: check CROSSDC_DC2_USER
// and CROSSDC_DC2_PASSWORD". It does not hold the detail.
func (c Cause) Sentence() string {
	text := strings.TrimSpace(c.DataCenter + " " + c.Problem)
	if c.Problem == "" {
		text = strings.TrimSpace(c.DataCenter + " " + string(c.Kind))
	}
	if c.Object != "" && !strings.Contains(text, c.Object) {
		text += " at " + c.Object
	}
	remedy := c.Remedy
	if remedy == "" && c.Setting != "" && !strings.Contains(text, c.Setting) {
		remedy = "check " + c.Setting
	}
	if remedy != "" {
		text += ": " + remedy
	}
	return text
}

// Known reports whether the kind is one of this version.
func (k CauseKind) Known() bool {
	switch k {
	case CauseSettings, CauseObjectives, CauseUnreachable, CauseNoAnswer, CauseLogin, CauseRights, CauseCertificate, CauseProtocol,
		CauseName, CauseJob, CausePort, CauseBuild, CauseDataExchange, CauseFault, CauseMachine, CauseLoad, CauseEnvironment:
		return true
	}
	return false
}
