package environment

import (
	"context"
	"fmt"
)

// residentMemory is the PE metric of the memory that the process of a PE holds, in KB (streams contract 4.1).
const residentMemory = "nResidentMemoryConsumption"

// ResidentMemory reads how much memory the processes of the application's PEs hold, in bytes by PE id, with how often each has
// been launched: a process that was launched again has let go of everything. It fails where a PE does not state it.
func (dc *DataCenter) ResidentMemory(ctx context.Context) (held map[string]int64, launches map[string]int64, err error) {
	job, err := dc.management.currentJob(ctx)
	if err != nil {
		return nil, nil, err
	}
	list, err := dc.management.client.PEs(ctx, job)
	if err != nil {
		return nil, nil, err
	}
	held, launches = map[string]int64{}, map[string]int64{}
	for _, pe := range list {
		found, err := dc.management.client.PEMetrics(ctx, pe)
		if err != nil {
			return nil, nil, err
		}
		for _, metric := range found {
			if metric.Name == residentMemory && metric.Value > 0 {
				held[pe.ID], launches[pe.ID] = metric.Value<<10, pe.LaunchCount
			}
		}
		if held[pe.ID] == 0 {
			return nil, nil, fmt.Errorf("read the memory of %s/pe %s: it has no metric %s", dc.Name(), pe.ID, residentMemory)
		}
	}
	return held, launches, nil
}
