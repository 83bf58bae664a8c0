package access

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
)

// session keeps the cookies of a service, and forgets them all when the service does not want them any more.
type session struct {
	mu  sync.Mutex
	jar *cookiejar.Jar // nil: none were set since the last forget
}

// SetCookies implements http.CookieJar.
func (s *session) SetCookies(u *url.URL, cookies []*http.Cookie) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jar == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return // New never fails; without cookies every call carries Basic all the same
		}
		s.jar = jar
	}
	s.jar.SetCookies(u, cookies)
}

// Cookies implements http.CookieJar.
func (s *session) Cookies(u *url.URL) []*http.Cookie {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jar == nil {
		return nil
	}
	return s.jar.Cookies(u)
}

func (s *session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jar = nil
}
