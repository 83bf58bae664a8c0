package scenario

import (
	"testing"

	"github.com/crossdc/failover/toolkit"
)

func TestWhatCameBehindTheAnnouncementIsToldByTheOrderOfTraces(t *testing.T) {
	received := func(origin string) []toolkit.TraceLine {
		return []toolkit.TraceLine{
			{Text: "Received the heartbeat message 6 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=" + origin},
			{Text: "Successfully replicated and persisted the data snapshot in this file: /s/dc1-" + origin + ".snapshot"},
		}
	}
	announced := toolkit.TraceLine{Text: "Received a remote DC orderly shutdown message with a heartbeat count 7"}
	lines := append(append(received("0"), announced), received("1")...)
	if late, heard := behindTheAnnouncement(lines); !heard || len(late) != 1 || !late["dc1-1"] {
		t.Errorf("%v, %v; want dc1-1 alone", late, heard)
	}
	if late, heard := behindTheAnnouncement(received("0")); heard || len(late) != 0 {
		t.Errorf("%v, %v without an announcement", late, heard)
	}
}
