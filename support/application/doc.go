// Package application describes an application in one file: what its parts are called, how traffic goes in, how results come out, and
// what of its state can be asked for. From these follows the level at which its failovers can be accounted for (Level).
//
// Files are read strictly: what is wrong is named with file, line and what is allowed. Secrets stand in files of their own, which the
// description names. The drill application is such a file too (Drill), and the default.
//
// It may import support/strictyaml, support/traffic/adapter and toolkit. support/config reads it for the settings; support/environment and
// everything above may use it.
package application
