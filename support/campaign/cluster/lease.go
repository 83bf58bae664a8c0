package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	leaseSeconds = 60
	leaseRenewal = 15 * time.Second
)

// hold takes a lease, or says who has it. It is renewed until release is called; when it cannot be, the context it returns ends.
func hold(ctx context.Context, c *client, name, holder string) (held context.Context, release func() error, err error) {
	lease, err := take(ctx, c, name, holder)
	if err != nil {
		return nil, nil, err
	}
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(leaseRenewal)
		defer ticker.Stop()
		renewed := time.Now()
		for {
			select {
			case <-held.Done():
				return
			case <-ticker.C:
			}
			now := metav1.NowMicro()
			lease.Spec.RenewTime = &now
			var fresh coordinationv1.Lease
			switch err := c.update(held, "leases", name, lease, &fresh); {
			case err == nil:
				lease, renewed = &fresh, time.Now()
			case apierrors.IsConflict(err) || time.Since(renewed) > leaseSeconds*time.Second/2:
				cancel(fmt.Errorf("the lease %s could not be renewed: %w", name, err))
				return
			}
		}
	}()
	return held, func() error {
		cancel(nil)
		<-done
		ending, stop := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer stop()
		lease.Spec.HolderIdentity = nil
		err := c.update(ending, "leases", name, lease, &coordinationv1.Lease{})
		if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
			return nil // it is somebody else's by now
		}
		return err
	}, nil
}

func take(ctx context.Context, c *client, name, holder string) (*coordinationv1.Lease, error) {
	now, seconds := metav1.NowMicro(), int32(leaseSeconds)
	spec := coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds, AcquireTime: &now, RenewTime: &now}
	var lease coordinationv1.Lease
	err := c.create(ctx, "leases", &coordinationv1.Lease{TypeMeta: metav1.TypeMeta{APIVersion: "coordination.k8s.io/v1", Kind: "Lease"}, ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}, &lease)
	if !apierrors.IsAlreadyExists(err) {
		return &lease, err
	}
	if err := c.get(ctx, "leases", name, &lease); err != nil {
		return nil, err
	}
	if other := lease.Spec.HolderIdentity; other != nil && *other != "" && *other != holder && !expired(lease) {
		return nil, fmt.Errorf("the data centers are in use: %s holds the lease %s in namespace %s; %w", *other, name, c.namespace, errHeld)
	}
	lease.Spec = spec
	var fresh coordinationv1.Lease
	if err := c.update(ctx, "leases", name, &lease, &fresh); err != nil {
		return nil, err // a conflict: somebody was faster
	}
	return &fresh, nil
}

var errHeld = errors.New("wait until it is through, or is not renewed for a minute")

func expired(lease coordinationv1.Lease) bool {
	return lease.Spec.RenewTime == nil || lease.Spec.LeaseDurationSeconds == nil ||
		time.Since(lease.Spec.RenewTime.Time) > time.Duration(*lease.Spec.LeaseDurationSeconds)*time.Second
}
