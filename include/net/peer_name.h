/* peer_name: the names of peers in the log: "203.0.113.9:50512", "[2001:db8::1]:50512", "unix". */
#ifndef NET_PEER_NAME_H
#define NET_PEER_NAME_H

struct sockaddr_storage;

enum { PEER_NAME_SIZE = 80 };

/* Writes the name of the peer at an address; "unknown:0" if that is none of these. */
void peer_name_write(const struct sockaddr_storage *address, char name[PEER_NAME_SIZE]);

#endif
