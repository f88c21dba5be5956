package main

import (
	"context"
	"fmt"
	"time"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// app is an application that is registered with the server.
type app struct {
	ID     string
	Secret string // empty: a public one
	Barred bool   // it may not ask for anything
}

// store is the example's, with applications as docs/oauth.md has them
// registered.
type store struct {
	*storage.Storage
	clients map[string]*client
}

func newStore(c config) *store {
	clients, bases := map[string]*client{}, map[string]*storage.Client{}
	for _, a := range c.Apps {
		const redirect = "http://127.0.0.1/"
		base := storage.NativeClient(a.ID, redirect)
		if a.Secret != "" {
			base = storage.WebClient(a.ID, a.Secret, redirect)
		}
		bases[a.ID], clients[a.ID] = base, &client{Client: base, barred: a.Barred}
	}
	return &store{Storage: storage.NewStorageWithClients(people(c.Accounts), bases), clients: clients}
}

// GetClientByClientID is part of op.Storage.
func (s *store) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	if c, ok := s.clients[id]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("there is no client %q", id)
}

// CreateAccessAndRefreshTokens is part of op.Storage. The example forgets which
// application a sign-in by device came from, and then refuses to refresh it.
func (s *store) CreateAccessAndRefreshTokens(ctx context.Context, r op.TokenRequest, refresh string) (string, string, time.Time, error) {
	if device, ok := r.(*op.DeviceAuthorizationState); ok {
		r = &storage.AuthRequest{ApplicationID: device.ClientID, UserID: device.Subject, Scopes: device.Scopes}
	}
	return s.Storage.CreateAccessAndRefreshTokens(ctx, r, refresh)
}

// SetIntrospectionFromToken is part of op.Storage. The example tells of a token
// only the application that it was made for; the mail server asks about those
// of every application.
func (s *store) SetIntrospectionFromToken(ctx context.Context, r *oidc.IntrospectionResponse, token, subject, asking string) error {
	err := s.Storage.SetIntrospectionFromToken(ctx, r, token, subject, asking)
	for id := range s.clients {
		if err == nil {
			break
		}
		err = s.Storage.SetIntrospectionFromToken(ctx, r, token, subject, id)
	}
	return err
}

// client is an installed application, whose redirect may have any port (RFC
// 8252 section 7.3) and which may also use devices.
type client struct {
	*storage.Client
	barred bool
}

// ApplicationType is part of op.Client, as are the methods below.
func (*client) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }

func (*client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeDeviceCode}
}

func (c *client) ResponseTypes() []oidc.ResponseType {
	if c.barred {
		return nil
	}
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// people are the accounts: passwords by address. The address is also what an
// account is known by: the example's pages for devices take the one for the
// other.
type people map[string]string

// GetUserByID is part of storage.UserStore, as are the methods below.
func (p people) GetUserByID(address string) *storage.User {
	password, ok := p[address]
	if !ok {
		return nil
	}
	return &storage.User{ID: address, Username: address, Password: password, Email: address, EmailVerified: true}
}

func (p people) GetUserByUsername(address string) *storage.User { return p.GetUserByID(address) }

func (people) ExampleClientID() string { return storage.ServiceUserID }
