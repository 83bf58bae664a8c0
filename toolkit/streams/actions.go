package streams

import (
	"context"
	"encoding/json"
	"net/http"
)

// StartInstance asks a stopped instance to start; ErrConflict when it runs. It may return before the instance runs: see
// the status of what it returns, and ReloadInstance. [I] (contract 2.2)
func (c *Client) StartInstance(ctx context.Context, instance Instance) (Instance, error) {
	return act(ctx, c, "start instance "+instance.ID, instance.Element, instance, startAction, decodeInstance)
}

// StopInstance asks an instance to stop. With force its jobs are canceled; without, ErrConflict while jobs run. [I]
func (c *Client) StopInstance(ctx context.Context, instance Instance, force bool) (Instance, error) {
	stop := stopAction
	stop.Force = &force
	return act(ctx, c, "stop instance "+instance.ID, instance.Element, instance, stop, decodeInstance)
}

// StartPE starts a stopped processing element. [I] (contract 2.7)
func (c *Client) StartPE(ctx context.Context, pe PE) (PE, error) {
	return act(ctx, c, "start PE "+pe.ID, pe.Element, pe, startAction, decodePE)
}

// StopPE stops a processing element. [I]
func (c *Client) StopPE(ctx context.Context, pe PE) (PE, error) {
	return act(ctx, c, "stop PE "+pe.ID, pe.Element, pe, stopAction, decodePE)
}

// RestartPE restarts a processing element: a new process with empty memory, LaunchCount grows. ErrConflict when it is not
// restartable. [I]
func (c *Client) RestartPE(ctx context.Context, pe PE) (PE, error) {
	return act(ctx, c, "restart PE "+pe.ID, pe.Element, pe, restartAction, decodePE)
}

// act posts an action and gives the element as answered, or as it was when the answer is empty.
func act[T any](ctx context.Context, c *Client, op string, e Element, before T, what action, decode decoder[T]) (T, error) {
	var zero T
	link, err := actionsOf(e)
	if err != nil {
		return zero, c.fail(op, "", err)
	}
	response, err := c.send(ctx, op, http.MethodPost, link, what, true)
	if err != nil {
		return zero, err
	}
	if len(response.Body) == 0 {
		return before, nil
	}
	return decodeBody(c, op, response, func(path string, raw json.RawMessage) (T, error) { return decode(path, raw) })
}
