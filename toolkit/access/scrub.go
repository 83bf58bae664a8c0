package access

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
)

// maxMessage bounds what is quoted of a service's message, in bytes.
const maxMessage = 1 << 10

// secretWords mark query parameters whose values are not printed.
var secretWords = []string{"password", "passwd", "pwd", "token", "secret", "credential", "auth", "apikey", "api_key", "session", "signature"}

// CleanURL prints an address without user information and with the values of secret-looking query parameters masked.
func CleanURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "<not a URL>"
	}
	u.User = nil
	if u.RawQuery != "" {
		parts := strings.Split(u.RawQuery, "&")
		for i, part := range parts {
			key, _, _ := strings.Cut(part, "=")
			plain, err := url.QueryUnescape(key)
			if err != nil {
				plain = key
			}
			plain = strings.ToLower(plain)
			if slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(plain, word) }) {
				parts[i] = key + "=" + redacted
			}
		}
		u.RawQuery = strings.Join(parts, "&")
	}
	return u.String()
}

// scrub masks our own credentials in text that came from elsewhere: a service may echo what it was sent.
func (c *Client) scrub(text string) string {
	for _, form := range c.secretForms() {
		text = strings.ReplaceAll(text, form, redacted)
	}
	return text
}

func (c *Client) secretForms() []string {
	var forms []string
	add := func(secret string) {
		if len(secret) < 4 {
			return // too short to tell from ordinary text; masking "a" would ruin every message
		}
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	if password := c.cfg.Password.Reveal(); password != "" {
		add(c.cfg.User + ":" + password)
		add(password)
	}
	add(c.cfg.BearerToken.Reveal())
	return forms
}

// clip shortens service text to one printable line of bounded length.
func clip(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + " ..."
	}
	return text
}
