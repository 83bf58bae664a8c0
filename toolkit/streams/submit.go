package streams

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/crossdc/failover/toolkit/access"
)

// Bundle is the id of an uploaded application, sent on verbatim (contract 2.5.1).
type Bundle string

// Parameter is a submission-time parameter; lists are comma-separated (contract 2.5.1).
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Overlay is the job configuration overlay (contract 2.5.1). Empty fields are left out.
type Overlay struct {
	JobName             string
	JobGroup            string
	DataDirectory       string
	Tracing             string // error, warn, info, debug, trace, off
	Parameters          []Parameter
	FusionScheme        string // legacy, manual, automatic; "manual" when only FusionTargetPECount is given
	FusionTargetPECount int
	Raw                 json.RawMessage // instead of everything above: the whole jobConfigurationOverlay object
}

type jobConfig struct {
	JobName       string      `json:"jobName,omitempty"`
	JobGroup      string      `json:"jobGroup,omitempty"`
	DataDirectory string      `json:"dataDirectory,omitempty"`
	Tracing       string      `json:"tracing,omitempty"`
	Parameters    []Parameter `json:"submissionParameters,omitempty"`
}

type deploymentConfig struct {
	FusionScheme        string `json:"fusionScheme,omitempty"`
	FusionTargetPECount int    `json:"fusionTargetPeCount,omitempty"`
}

type jobConfigOverlay struct {
	Job        *jobConfig        `json:"jobConfig,omitempty"`
	Deployment *deploymentConfig `json:"deploymentConfig,omitempty"`
}

type submission struct {
	Application string          `json:"application,omitempty"`
	Preview     *bool           `json:"preview,omitempty"`
	Overlay     json.RawMessage `json:"jobConfigurationOverlay"`
}

func (o Overlay) encode() (json.RawMessage, error) {
	if len(o.Raw) > 0 {
		if kind(o.Raw) != "object" || !json.Valid(o.Raw) {
			return nil, fmt.Errorf("%w: overlay is not a JSON object", access.ErrRejected)
		}
		return o.Raw, nil
	}
	var out jobConfigOverlay
	if job := (jobConfig{o.JobName, o.JobGroup, o.DataDirectory, o.Tracing, o.Parameters}); job.JobName != "" || job.JobGroup != "" ||
		job.DataDirectory != "" || job.Tracing != "" || len(job.Parameters) > 0 {
		out.Job = &job
	}
	if o.FusionScheme != "" || o.FusionTargetPECount > 0 {
		out.Deployment = &deploymentConfig{o.FusionScheme, o.FusionTargetPECount}
		if o.FusionScheme == "" {
			out.Deployment.FusionScheme = "manual" // the count is heeded with this scheme only
		}
	}
	if out.Job == nil && out.Deployment == nil {
		return json.RawMessage(`{}`), nil
	}
	return json.Marshal(map[string][]jobConfigOverlay{"jobConfigOverlays": {out}})
}

// Upload sends an application bundle (.sab). length is its size in bytes, 0 when not known. It is not repeated on failure.
func (c *Client) Upload(ctx context.Context, instance Instance, bundle io.Reader, length int64) (Bundle, error) {
	op := "upload a bundle to " + instance.ID
	link, err := linkOr(instance.Element, "applicationBundles")
	if err != nil {
		return "", c.fail(op, instance.Self, err)
	}
	_, long := c.access.Timeout()
	response, err := c.access.Do(ctx, access.Request{
		Op: op, Method: http.MethodPost, URL: link, ContentType: "application/x-jar", Stream: bundle, Length: length, Timeout: long,
	})
	if err != nil {
		return "", err
	}
	if location := response.Header.Get("Location"); len(response.Body) == 0 && location != "" {
		return c.previewBundle(ctx, op, location)
	}
	id, err := decodeBody(c, op, response, func(path string, raw json.RawMessage) (string, error) {
		f := object(path, raw)
		return f.id("bundleId"), f.err
	})
	if err != nil {
		return "", err
	}
	if id != "" {
		return Bundle(id), nil
	}
	if location := response.Header.Get("Location"); location != "" {
		return c.previewBundle(ctx, op, location)
	}
	return "", c.fail(op, link, fmt.Errorf("%w: bundleId is missing", access.ErrMalformed))
}

// previewBundle reads the application id where an older preview left it (contract 7).
func (c *Client) previewBundle(ctx context.Context, op, location string) (Bundle, error) {
	return get(ctx, c, op, location, func(path string, raw json.RawMessage) (Bundle, error) {
		f := object(path, raw)
		f.require("application")
		return Bundle(f.text("application")), f.err
	})
}

// Submit starts a job from an uploaded bundle and returns when the service has finished submitting (contract 2.5.1). When the
// answer holds no whole job, the job is read again. It is not repeated on failure: a lost answer may have been a success, so look
// for the job by name before trying again.
func (c *Client) Submit(ctx context.Context, instance Instance, bundle Bundle, overlay Overlay) (Job, error) {
	op := "submit a job to " + instance.ID
	encoded, err := overlay.encode()
	if err != nil {
		return Job{}, c.fail(op, "", err)
	}
	link, err := linkOr(instance.Element, "jobs")
	if err != nil {
		return Job{}, c.fail(op, instance.Self, err)
	}
	preview := false
	response, err := c.send(ctx, op, http.MethodPost, link, submission{Application: string(bundle), Preview: &preview, Overlay: encoded}, true)
	if err != nil {
		return Job{}, err
	}
	id := lastSegment(response.Header.Get("Location"))
	if len(response.Body) > 0 {
		job, err := decodeBody(c, op, response, func(path string, raw json.RawMessage) (Job, error) {
			f := object(path, raw)
			if f.err != nil {
				return Job{}, f.err
			}
			if _, there := f.get("id"); !there && id != "" {
				return Job{}, nil // only Location says which
			}
			return decodeJob(path, raw)
		})
		if err != nil {
			return Job{}, err
		}
		if job.Self != "" && job.Status != "" {
			return job, nil
		}
		if job.ID != "" {
			id = job.ID
		}
	}
	if id == "" {
		return Job{}, c.fail(op, link, fmt.Errorf("%w: neither id nor Location names the job", access.ErrMalformed))
	}
	return c.Job(ctx, instance, id)
}

func lastSegment(location string) string {
	if location == "" {
		return ""
	}
	location, _, _ = strings.Cut(location, "?")
	return groupName("http://x/" + strings.TrimRight(location, "/"))
}

// Update changes a running job's configuration (contract 2.6).
func (c *Client) Update(ctx context.Context, job Job, overlay Overlay) error {
	op := "update job " + job.ID
	encoded, err := overlay.encode()
	if err == nil && job.Self == "" {
		err = errNoSelf
	}
	if err != nil {
		return c.fail(op, "", err)
	}
	_, err = c.send(ctx, op, http.MethodPatch, job.Self, submission{Overlay: encoded}, true)
	return err
}

// send makes a call with a JSON body, once.
func (c *Client) send(ctx context.Context, op, method, link string, body any, long bool) (access.Response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return access.Response{}, c.fail(op, link, err)
	}
	request := access.Request{Op: op, Method: method, URL: link, ContentType: "application/json", Body: encoded}
	if long {
		_, request.Timeout = c.access.Timeout()
	}
	return c.access.Do(ctx, request)
}
