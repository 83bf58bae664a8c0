package streams

import (
	"context"
	"net/http"
)

// ApplicationConfigurations lists the application configurations of an instance (contract 2.12).
func (c *Client) ApplicationConfigurations(ctx context.Context, instance Instance) ([]ApplicationConfiguration, error) {
	return within(ctx, c, "list application configurations of "+instance.ID, instance.Element, "applicationConfigurations", decodeConfiguration)
}

// ApplicationConfiguration reads one by name; ErrNotFound when there is none.
func (c *Client) ApplicationConfiguration(ctx context.Context, instance Instance, name string) (ApplicationConfiguration, error) {
	return one(ctx, c, "read application configuration "+name, instance.Element, "applicationConfigurations", name, decodeConfiguration)
}

type configurationBody struct {
	Name        string             `json:"name,omitempty"`
	Description string             `json:"description,omitempty"`
	Properties  map[string]*string `json:"properties,omitempty"`
}

// CreateApplicationConfiguration makes a new one; ErrConflict when the name is taken.
func (c *Client) CreateApplicationConfiguration(ctx context.Context, instance Instance, name, description string, properties map[string]string) (ApplicationConfiguration, error) {
	op := "create application configuration " + name
	link, err := linkOr(instance.Element, "applicationConfigurations")
	if err != nil {
		return ApplicationConfiguration{}, c.fail(op, instance.Self, err)
	}
	body := configurationBody{Name: name, Description: description, Properties: map[string]*string{}}
	for key, value := range properties {
		body.Properties[key] = &value
	}
	response, err := c.send(ctx, op, http.MethodPost, link, body, false)
	if err != nil {
		return ApplicationConfiguration{}, err
	}
	if len(response.Body) == 0 {
		return c.ApplicationConfiguration(ctx, instance, name)
	}
	return decodeBody(c, op, response, decodeConfiguration)
}

// UpdateApplicationConfiguration sets the given properties and removes those whose value is nil; others stay.
func (c *Client) UpdateApplicationConfiguration(ctx context.Context, configuration ApplicationConfiguration, properties map[string]*string) (ApplicationConfiguration, error) {
	op := "update application configuration " + configuration.Name
	link, err := c.configurationLink(configuration)
	if err != nil {
		return ApplicationConfiguration{}, c.fail(op, "", err)
	}
	response, err := c.send(ctx, op, http.MethodPatch, link, configurationBody{Properties: properties}, false)
	if err != nil {
		return ApplicationConfiguration{}, err
	}
	if len(response.Body) == 0 {
		return reload(ctx, c, op, configuration.Element, decodeConfiguration)
	}
	return decodeBody(c, op, response, decodeConfiguration)
}

// DeleteApplicationConfiguration removes one; one that is already gone counts as removed.
func (c *Client) DeleteApplicationConfiguration(ctx context.Context, configuration ApplicationConfiguration) error {
	op := "delete application configuration " + configuration.Name
	link, err := c.configurationLink(configuration)
	if err != nil {
		return c.fail(op, "", err)
	}
	return c.remove(ctx, op, link)
}

func (c *Client) configurationLink(configuration ApplicationConfiguration) (string, error) {
	if configuration.Self == "" {
		return "", errNoSelf
	}
	return configuration.Self, nil
}
