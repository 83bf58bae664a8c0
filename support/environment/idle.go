package environment

// CloseIdle closes every connection to the data centers, the relay and the canary that is not in use; the next call
// opens a new one. It lets a process that looks for leaks tell what is in use from what is only kept for later.
func (e *Environment) CloseIdle() {
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		dc.management.client.CloseIdle()
		dc.watcher.CloseIdle()
		if dc.endpoints != nil {
			dc.endpoints.client.CloseIdle()
		}
		if scraper, ok := dc.scraper.(interface{ CloseIdle() }); ok {
			scraper.CloseIdle()
		}
	}
	if e.link != nil {
		e.link.closeIdle()
	}
	if e.canary != nil {
		e.canary.client.CloseIdleConnections()
	}
}
