package adapter

import (
	"crypto/tls"
	"fmt"

	"github.com/crossdc/failover/toolkit/access"
)

// tlsParameters are what every adapter over TLS takes.
func tlsParameters() []Parameter {
	return []Parameter{
		{Name: "ca_file", Doc: "PEM file of the certificates that may sign the server's; without it the system's", Way: BothWays, Kind: File},
		{Name: "fingerprint", Doc: "SHA-256 of the server's certificate in hex: with it alone the certificate may be self-signed", Way: BothWays},
		{Name: "insecure_skip_verify", Doc: "true accepts any certificate; reports say so", Way: BothWays, Kind: Switch, Default: "false"},
	}
}

// certificateParameters are for protocols where clients show a certificate too.
func certificateParameters() []Parameter {
	return []Parameter{
		{Name: "cert_file", Doc: "PEM file of our own certificate, where the server asks for one", Way: BothWays, Kind: File},
		{Name: "key_file", Doc: "PEM file of the private key of cert_file", Way: BothWays, Kind: Secret},
	}
}

// accessConfig reads what tlsParameters describe.
func (v Values) accessConfig() access.Config {
	return access.Config{CAFile: v["ca_file"], Fingerprint: v["fingerprint"], InsecureSkipVerify: v.on("insecure_skip_verify")}
}

// tlsConfig builds the client side of TLS.
func (v Values) tlsConfig() (*tls.Config, error) {
	config, err := v.accessConfig().TLSConfig()
	if err != nil {
		return nil, err
	}
	certificate, key := v["cert_file"], v["key_file"]
	if (certificate == "") != (key == "") {
		return nil, fmt.Errorf("cert_file and key_file belong together: give both or neither")
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, fmt.Errorf("read cert_file %s with its key_file: %w", certificate, err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
