// Package adapter is how traffic reaches an application and how its results come back: one value per protocol in one table
// (Table), with its parameters, and what an acknowledgement of it means.
//
//	traffic.Generator -> Sink -> Template -> In  -> application
//	ledger            <- Receiver   <- Extractor <- Out <- application
//
// A way in answers for each event by itself: acknowledged, sent (the protocol has no acknowledgement), refused (surely nobody has it) or
// unknown. No adapter ever sends an event twice: what may have arrived stays unknown. A way out gives results as the bytes they came as, with
// the interval in which they arrived, and says when it may have missed some.
//
// It imports support/traffic and toolkit; support/environment, support/application and support/scenario import it.
package adapter
