// Package exposition reads Prometheus text into the model of package metrics: the naming of the streams-metric-exporter
// and of the runtime itself (rest contract 5.2, 5.1).
//
// It stands apart from the model so that only those who scrape depend on the Prometheus libraries.
package exposition
