package adapter

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// checkURL says what is wrong with the address of an HTTP endpoint. The text is not repeated where it may hold a secret.
func checkURL(text string) error {
	if strings.Contains(text, "@") {
		return errors.New("an address must not hold credentials, nor any other @: give user and password_file, or token_file; an @ of a path is written %40")
	}
	u, err := url.Parse(text)
	var wrong *url.Error
	if errors.As(err, &wrong) {
		return fmt.Errorf("%.80q is no address (%w): give https://host:port/path", text, wrong.Err)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%.80q is no address: give https://host:port/path", text)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%.80q does not begin with http:// or https://: give https://host:port/path", text)
	case u.Hostname() == "":
		return fmt.Errorf("%.80q names no host: give https://host:port/path", text)
	case u.Port() != "" || strings.HasSuffix(u.Host, ":"):
		if err := checkPort(u.Port(), 1); err != nil {
			return fmt.Errorf("%.80q: %w", text, err)
		}
	}
	return nil
}

// checkAddress says what is wrong with host:port, of which ports from lowest on are allowed.
func checkAddress(text string, lowest int) error {
	if strings.Contains(text, "@") {
		return errors.New("an address must not hold credentials: give user and password_file")
	}
	if strings.Contains(text, "://") {
		return fmt.Errorf("%.80q is a URL: give host:port", text)
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " \t/") || host == "" && lowest > 0 {
		return fmt.Errorf("%.80q is no host:port, such as broker.example:1883 or [::1]:1883", text)
	}
	if err := checkPort(port, lowest); err != nil {
		return fmt.Errorf("%.80q: %w", text, err)
	}
	return nil
}

func checkPort(text string, lowest int) error {
	if port, err := strconv.Atoi(text); err != nil || port < lowest || port > 65535 {
		return fmt.Errorf("port %.20q is none: give %d to 65535", text, lowest)
	}
	return nil
}

// checkAddresses says what is wrong with a list of host:port.
func checkAddresses(text string) error {
	list := split(text, ",")
	if len(list) == 0 {
		return fmt.Errorf("%.80q names none: give host:port, several separated by commas", text)
	}
	for _, one := range list {
		if err := checkAddress(one, 1); err != nil {
			return err
		}
	}
	return nil
}
