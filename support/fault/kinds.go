package fault

// Kinds is the catalogue: every fault by name. A new fault adds its file and its line here.
func Kinds() []Kind {
	return []Kind{
		{"no-op", "do nothing, and show that nothing changed: the control", func(Parameters) Fault { return NoOp() }},
		{"crash", "kill every process of a data center (SIGKILL)", func(p Parameters) Fault { return Crash(p.DC) }},
		{"kill-pe", "kill one PE's process (SIGKILL); the platform restarts it", func(p Parameters) Fault { return KillPE(p.DC, p.PE) }},
		{"hang", "suspend every process of a data center (SIGSTOP), then resume (SIGCONT)", func(p Parameters) Fault { return Hang(p.DC, p.For) }},
		{"hang-application", "suspend the PEs of the application alone (SIGSTOP), then resume (SIGCONT)", func(p Parameters) Fault { return HangApplication(p.DC, p.For) }},
		{"stop-service", "stop the service of a data center's hosts; healed by starting it", func(p Parameters) Fault { return StopService(p.DC) }},
		{"cancel-job", "cancel the application's job; healed by submitting it again", func(p Parameters) Fault { return CancelJob(p.DC) }},
		{"stop-instance", "stop the Streams instance; healed by starting it and its job", func(p Parameters) Fault { return StopInstance(p.DC) }},
		{"restart-pe", "restart one PE through the management API", func(p Parameters) Fault { return RestartPE(p.DC, p.PE) }},
		{"partition", "cut the link in both directions", func(p Parameters) Fault { return Partition(p.Mode.orRefuse()) }},
		{"one-way", "block the requests of one data center to the other", func(p Parameters) Fault { return OneWay(p.From, p.Mode.orRefuse()) }},
		{"drop", "lose every packet of one data center to the other, as what it does to TCP", func(p Parameters) Fault { return Drop(p.From) }},
		{"block", "block only the heartbeat or only the snapshot ports, both directions", func(p Parameters) Fault { return Block(p.Ports, p.Mode.orRefuse()) }},
		{"degrade", "slow the link: delay, jitter, bandwidth", func(p Parameters) Fault {
			return Degrade(Quality{Delay: p.Delay, Jitter: p.Jitter, BytesPerSecond: p.BytesPerSecond, Ports: p.Ports})
		}},
		{"lose", "lose a share of the packets, as what it does to TCP", func(p Parameters) Fault {
			return Lose(Loss{Share: p.Lost, Handshake: p.Handshake, Retransmit: p.Retransmit})
		}},
		{"flap", "cut and restore the link again and again", func(p Parameters) Fault { return Flap(p.Down, p.Up) }},
		{"reorder", "hold a share of the packets back, so that others overtake them", func(p Parameters) Fault { return Reorder(p.Share, p.Delay) }},
		{"duplicate", "send a share of the packets twice", func(p Parameters) Fault { return Duplicate(p.Share) }},
		{"corrupt", "flip a bit in a share of the packets", func(p Parameters) Fault { return Corrupt(p.Share) }},
		{"lose-storage", "take a data center's snapshot folder away; healed by bringing it back", func(p Parameters) Fault { return LoseStorage(p.DC) }},
		{"stall-storage", "keep whoever reads one replica at a data center waiting; healed by letting it have the content", func(p Parameters) Fault { return StallStorage(p.DC, p.Fragment) }},
		{"hang-storage", "keep whoever touches a replica at a data center waiting; healed by letting them go on", func(p Parameters) Fault { return HangStorage(p.DC) }},
		{"corrupt-replica", "spoil one replica at a data center; healed by giving it its content back", func(p Parameters) Fault { return CorruptReplica(p.DC, p.Fragment, p.Corruption) }},
		{"stop-database", "kill the database of a data center's replicas; healed by starting it", func(p Parameters) Fault { return StopDatabase(p.DC) }},
		{"hold-database", "have the database of a data center's replicas answer no statement until it is healed", func(p Parameters) Fault { return HoldDatabase(p.DC) }},
		{"clock-step", "set the clock that a data center's toolkit waits on; healed by bringing it right little by little", func(p Parameters) Fault { return ClockStep(p.DC, p.Step) }},
		{"fill-storage", "fill the device of a data center's snapshot folder; healed by freeing it", func(p Parameters) Fault { return FillStorage(p.DC) }},
		{"deny-storage", "make a data center's snapshot folder read-only; healed by making it writable", func(p Parameters) Fault { return DenyStorage(p.DC) }},
		{"orderly-shutdown", "announce an orderly shutdown; healed by restarting the application", func(p Parameters) Fault { return OrderlyShutdown(p.DC) }},
	}
}
