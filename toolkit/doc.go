// Package toolkit is the client of the Cross-DC Failover toolkit for a pair of data centers: what can be known about a
// failover from outside, and how surely.
//
// The toolkit has no API (toolkit contract 8). Whether one data center holds the other for dead is inferred from what
// it leaves behind: its operators' counters, the status tuples of the application, trace lines, the health of job, PEs
// and instance, and whether events still go through. Each of these is an Indicator; any of them may be missing or fail.
// Client says which it used, which failed and why, and concludes by the inference table (8.4) from the rest.
//
// Everything here looks from outside through public interfaces and imports nothing of this module but its own folder.
// What the client needs of the management and data-exchange clients are the small interfaces Management and Exchange.
package toolkit
