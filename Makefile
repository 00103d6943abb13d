# partyline's Makefile, for GNU make and BSD make: no pattern rules, no conditionals, no functions.
#
#   make                 build/partyline and build/partyline-echo
#   make run             build, and start the server
#   make check           every test: unit, integration, stress
#   make cluster-test    people at several addresses of one chat, with links that break, and with
#                        machines that die; CLUSTER_SECONDS and others (tests/cluster/run.sh)
#   make endurance       1,000 programs that are cut off, and 200 servers that are killed: longer than check
#   make asan, make tsan the tests again under the sanitizers
#   make fault           let each allocation of a server fail in turn, and see who suffers
#   make fuzz            feed the parsers what libFuzzer thinks up, FUZZ_SECONDS=60 each
#   make bench           measure it beside the limit and its peers (bench-smoke: quickly;
#                        bench-cluster: several machines; bench-archive: the store)
#   make dist, deb, static
#                        a tarball of the sources, a Debian package, and a server in one static file
#   make try-packages    the same in fresh systems, where the package is installed, upgraded and purged
#   make coverage lint install uninstall install-systemd uninstall-systemd clean

PREFIX  = /usr/local
DESTDIR =
BINDIR  = $(PREFIX)/bin
MANDIR  = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR  = $(PREFIX)/share/zsh/site-functions

CC       = cc
B        = build
OPTIMIZE = -O2 -g
WARNINGS = -Wall -Wextra -pedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla
HARDEN   = -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS   = $(OPTIMIZE) $(WARNINGS) $(HARDEN)
CPPFLAGS =
LDFLAGS  = -pie -Wl,-z,relro,-z,now
LDLIBS   =
# Where there is no CUnit: CPPFLAGS=-Itests/unit/shim CUNIT_LIBS=
CUNIT_LIBS = -lcunit
# What a variant of the build adds: sanitizers, coverage, the lock witness.
VARIANT  =

PROGRAMS = $(B)/partyline $(B)/partyline-echo

# Objects are named after their sources: $(B)/src/net/conn.o comes from src/net/conn.c.
NET_OBJECTS = \
	$(B)/src/base/buffer.o $(B)/src/base/checksum.o $(B)/src/base/clock.o $(B)/src/base/duration.o $(B)/src/base/file.o \
	$(B)/src/base/json.o $(B)/src/base/lock.o $(B)/src/base/meter.o \
	$(B)/src/base/number.o $(B)/src/base/secret.o $(B)/src/base/text.o $(B)/src/base/timers.o $(B)/src/base/unicode.o \
	$(B)/src/base/utf8.o $(B)/src/edit/burst.o $(B)/src/edit/character.o $(B)/src/edit/edit_line.o $(B)/src/edit/edit_row.o \
	$(B)/src/edit/completion.o $(B)/src/edit/editor.o $(B)/src/edit/editor_keys.o $(B)/src/edit/editor_paste.o \
	$(B)/src/edit/editor_search.o $(B)/src/edit/extent.o $(B)/src/edit/grapheme.o $(B)/src/edit/history.o \
	$(B)/src/edit/keyboard.o $(B)/src/edit/paste.o $(B)/src/edit/search.o $(B)/src/edit/sink.o $(B)/src/edit/wrap.o \
	$(B)/src/net/address_prefix.o $(B)/src/net/entrance.o $(B)/src/net/peer_name.o $(B)/src/net/proxy_header.o \
	$(B)/src/net/attempts.o $(B)/src/net/client_threads.o \
	$(B)/src/net/conn.o $(B)/src/net/flusher.o $(B)/src/net/hosts.o $(B)/src/net/intake.o \
	$(B)/src/net/line_reader.o $(B)/src/net/lingering.o $(B)/src/net/link.o $(B)/src/net/listener.o \
	$(B)/src/net/notify.o $(B)/src/net/outbox.o $(B)/src/net/pipe.o $(B)/src/net/printer.o $(B)/src/net/pulse.o \
	$(B)/src/net/server.o \
	$(B)/src/net/signals.o $(B)/src/net/socket_path.o $(B)/src/net/telnet.o $(B)/src/net/telnet_option.o \
	$(B)/src/net/terminal.o $(B)/src/net/throttle.o $(B)/src/net/turnstile.o \
	$(B)/src/base/privileges.o $(B)/src/base/histogram.o \
	$(B)/src/net/inherited.o $(B)/src/net/refusal.o
CHAT_OBJECTS = \
	$(B)/src/chat/chat_figures.o \
	$(B)/src/doors/metrics/exposition.o \
	$(B)/src/doors/metrics/http_request.o \
	$(B)/src/doors/metrics/metrics.o \
	$(B)/src/doors/metrics/process_figures.o \
	$(B)/src/chat/away.o $(B)/src/chat/batch.o $(B)/src/chat/chat.o $(B)/src/chat/directory.o $(B)/src/chat/event_log.o \
	$(B)/src/chat/flood_queue.o $(B)/src/chat/flow.o $(B)/src/chat/format.o $(B)/src/chat/ignore_list.o $(B)/src/chat/ignoring.o $(B)/src/chat/invitations.o $(B)/src/chat/keeping.o $(B)/src/chat/kept_rooms.o $(B)/src/chat/log_sink.o \
	$(B)/src/chat/log_writer.o $(B)/src/chat/looks.o $(B)/src/chat/member.o $(B)/src/chat/message.o \
	$(B)/src/chat/absence.o $(B)/src/chat/accounts.o $(B)/src/chat/motd.o $(B)/src/chat/name.o \
	$(B)/src/chat/password.o \
	$(B)/src/chat/presence.o $(B)/src/chat/pressure.o $(B)/src/chat/window.o $(B)/src/chat/past.o $(B)/src/chat/operators.o $(B)/src/chat/ordering.o $(B)/src/chat/replica.o $(B)/src/chat/judging.o $(B)/src/chat/sanctioning.o $(B)/src/chat/until.o $(B)/src/chat/wall.o $(B)/src/chat/lockdown.o $(B)/src/chat/recall.o $(B)/src/chat/room.o $(B)/src/chat/room_delivery.o $(B)/src/chat/room_history.o $(B)/src/chat/room_keeping.o \
	$(B)/src/chat/room_membership.o $(B)/src/chat/room_name.o $(B)/src/chat/room_policy.o $(B)/src/chat/room_publishing.o \
	$(B)/src/chat/room_settings.o $(B)/src/chat/room_state.o $(B)/src/chat/state.o $(B)/src/chat/rooms.o $(B)/src/chat/roster.o \
	$(B)/src/chat/errand.o $(B)/src/chat/eviction.o $(B)/src/chat/partings.o \
	$(B)/src/chat/room_voices.o $(B)/src/chat/sanctions.o $(B)/src/chat/sanctions_record.o $(B)/src/chat/session.o \
	$(B)/src/chat/session_entry.o $(B)/src/chat/session_history.o $(B)/src/chat/session_membership.o \
	$(B)/src/chat/session_policy.o $(B)/src/chat/session_publishing.o $(B)/src/chat/session_telling.o \
	$(B)/src/chat/session_verdicts.o \
	$(B)/src/chat/verdict.o \
	$(B)/src/chat/stays.o $(B)/src/chat/succession.o $(B)/src/chat/talkers.o $(B)/src/chat/transcript.o $(B)/src/chat/user.o \
	$(B)/src/doors/machine/json_format.o $(B)/src/doors/machine/json_voice.o $(B)/src/doors/machine/machine.o \
	$(B)/src/doors/plain/ban_notice.o $(B)/src/doors/plain/verdict_notice.o \
	$(B)/src/doors/plain/account_commands.o $(B)/src/doors/plain/admission.o $(B)/src/doors/plain/caller.o $(B)/src/doors/plain/command.o \
	$(B)/src/doors/plain/commands.o $(B)/src/doors/plain/operator_commands.o $(B)/src/doors/plain/order_commands.o $(B)/src/doors/plain/past_commands.o $(B)/src/doors/plain/people_commands.o $(B)/src/doors/plain/room_commands.o $(B)/src/doors/plain/screen_commands.o $(B)/src/doors/plain/self_commands.o \
	$(B)/src/doors/plain/talk_commands.o \
	$(B)/src/doors/plain/conversation.o $(B)/src/doors/plain/guess.o $(B)/src/doors/plain/claim.o $(B)/src/doors/plain/login.o $(B)/src/doors/plain/missed.o $(B)/src/doors/plain/input.o $(B)/src/doors/plain/paint.o \
	$(B)/src/doors/plain/plain.o $(B)/src/doors/plain/program_commands.o $(B)/src/doors/plain/prompt.o \
	$(B)/src/doors/plain/reply.o $(B)/src/doors/plain/spelling.o $(B)/src/doors/plain/view.o \
	$(B)/src/doors/plain/voice.o $(OPTION_OBJECTS)
# What the program is told when it starts.
OPTION_OBJECTS = \
	$(B)/src/options/command_line.o \
	$(B)/src/options/config.o \
	$(B)/src/options/option_check.o \
	$(B)/src/options/option_files.o \
	$(B)/src/options/option_help.o \
	$(B)/src/options/option_paths.o \
	$(B)/src/options/option_privileges.o \
	$(B)/src/options/option_reading.o \
	$(B)/src/options/option_row.o \
	$(B)/src/options/option_socket.o \
	$(B)/src/options/option_start.o \
	$(B)/src/options/option_value.o \
	$(B)/src/options/options.o \
	$(B)/src/options/scheme.o
# The store, for --data. Without what it links with, or with STORE_LIBS= on the command line, the
# program is built without it.
STORE_LIBS != scripts/store-libraries $(CC)
STORE_CPPFLAGS != pkg-config --cflags sqlite3 2>/dev/null || true
STORE_NAMES = data_file database people_archive people_export room_row rooms_archive sanctions_archive \
	schema store talk talk_archive talk_reading writer
STORE_OBJECTS != names='no_store'; test -z '$(STORE_LIBS)' || names='$(STORE_NAMES)'; \
	for name in $$names; do echo $(B)/src/store/$$name.o; done
# Tests of the store in a build without it are skipped.
STORE_TEST_OBJECTS != name=test_no_store; test -z '$(STORE_LIBS)' || name=test_store; \
	echo $(B)/tests/unit/$$name.o
# TLS, for addresses with +tls. Without OpenSSL, or with TLS_LIBS= on the command line, the program is
# built without it.
TLS_LIBS != scripts/tls-libraries $(CC)
TLS_CPPFLAGS != pkg-config --cflags libssl 2>/dev/null || true
TLS_OBJECTS != names='no_tls'; test -z '$(TLS_LIBS)' || names='tls tls_files tls_filter tls_socket'; \
	for name in $$names; do echo $(B)/src/tls/$$name.o; done
# The tests' clients speak it where the server does.
TLS_CLIENT_OBJECTS != name=no_tls_client; test -z '$(TLS_LIBS)' || name=tls_client; \
	echo $(B)/tests/tls/$$name.o
TLS_TEST_OBJECTS != name=test_no_tls; test -z '$(TLS_LIBS)' || name=test_tls; \
	echo $(B)/tests/unit/$$name.o
# The cluster, for --cluster. Without libnats, or with CLUSTER_LIBS= on the command line, the program
# is built without it.
CLUSTER_LIBS != scripts/cluster-libraries $(CC)
CLUSTER_CPPFLAGS != pkg-config --cflags libnats 2>/dev/null || true
STREAM_NAMES = stream stream_connection stream_doubt stream_fault stream_fetching stream_following stream_leader \
	stream_message stream_patience stream_publishing stream_settings stream_truth
CLUSTER_NAMES = accounts accounts_bucket accounts_lists accounts_names bulletin connection credentials importing key_value \
	node node_accounts node_beginning node_follower node_letters node_listing node_pressure node_sender node_snapshots node_watcher post \
	post_receiving post_sending snapshots node_figures $(STREAM_NAMES)
CLUSTER_OBJECTS != names='no_node'; test -z '$(CLUSTER_LIBS)' || names='$(CLUSTER_NAMES)'; \
	for name in account_record envelope fields machines mailbox reports sealed servers snapshot stream_memory stream_name turns wire wire_writing \
		$$names; do echo $(B)/src/cluster/$$name.o; done
# What reads and writes the bytes of the cluster needs of the rest, for fuzzing.
SEALED_OBJECTS = $(B)/src/chat/name.o $(B)/src/cluster/fields.o $(B)/src/cluster/sealed.o
WIRE_OBJECTS = $(B)/src/chat/room_name.o $(B)/src/cluster/wire.o $(B)/src/cluster/wire_writing.o
CLUSTER_PROGRAMS != test -z '$(CLUSTER_LIBS)' || echo $(B)/stream $(B)/post
# What both of them are made of.
ARCHIVE_OBJECTS != names='hashing job key worker'; test -n '$(STORE_LIBS)$(CLUSTER_LIBS)' || names=; \
	for name in $$names; do echo $(B)/src/archive/$$name.o; done
# All that the server is made of, but for its main(), and the libraries that it needs.
PARTS = $(NET_OBJECTS) $(CHAT_OBJECTS) $(ARCHIVE_OBJECTS) $(STORE_OBJECTS) $(CLUSTER_OBJECTS) $(TLS_OBJECTS)
PART_LIBS = $(STORE_LIBS) $(CLUSTER_LIBS) $(TLS_LIBS)
ACCOUNTS_TEST_OBJECTS != name=test_no_accounts; test -z '$(CLUSTER_LIBS)' || name=test_accounts; \
	echo $(B)/tests/unit/$$name.o
UNIT_OBJECTS = $(B)/tests/unit/test_exposition.o \
	$(B)/tests/unit/test_http_request.o \
	$(STORE_TEST_OBJECTS) $(TLS_TEST_OBJECTS) $(ACCOUNTS_TEST_OBJECTS) $(B)/tests/unit/test_account_record.o \
	$(B)/tests/unit/main.o $(B)/tests/unit/screen.o \
	$(B)/tests/unit/test_address_prefix.o $(B)/tests/unit/test_attempts.o $(B)/tests/unit/test_ban_notice.o $(B)/tests/unit/test_batch.o \
	$(B)/tests/unit/test_buffer.o $(B)/tests/unit/test_burst.o $(B)/tests/unit/test_character.o $(B)/tests/unit/test_checksum.o $(B)/tests/unit/test_clock.o \
	$(B)/tests/unit/test_commands.o $(B)/tests/unit/test_config.o $(B)/tests/unit/test_conn.o $(B)/tests/unit/test_conversation.o \
	$(B)/tests/unit/test_directory.o \
	$(B)/tests/unit/test_duration.o $(B)/tests/unit/test_editor.o $(B)/tests/unit/test_envelope.o $(B)/tests/unit/test_event_log.o \
	$(B)/tests/unit/test_file.o \
	$(B)/tests/unit/test_flood_queue.o $(B)/tests/unit/test_flow.o $(B)/tests/unit/test_flusher.o \
	$(B)/tests/unit/test_format.o $(B)/tests/unit/test_hosts.o $(B)/tests/unit/test_idle.o $(B)/tests/unit/test_ignore_list.o $(B)/tests/unit/test_claim.o $(B)/tests/unit/test_ignoring.o $(B)/tests/unit/test_succession.o \
	$(B)/tests/unit/test_input.o $(B)/tests/unit/test_json.o $(B)/tests/unit/test_json_format.o $(B)/tests/unit/test_json_voice.o $(B)/tests/unit/test_keeping.o $(B)/tests/unit/test_line_reader.o $(B)/tests/unit/test_lines.o \
	$(B)/tests/unit/test_lingering.o $(B)/tests/unit/test_link.o $(B)/tests/unit/test_listener.o \
	$(B)/tests/unit/test_lock.o $(B)/tests/unit/test_mailbox.o $(B)/tests/unit/test_member.o $(B)/tests/unit/test_message.o \
	$(B)/tests/unit/test_meter.o \
	$(B)/tests/unit/test_motd.o $(B)/tests/unit/test_name.o $(B)/tests/unit/test_notify.o \
	$(B)/tests/unit/test_number.o $(B)/tests/unit/test_operators.o $(B)/tests/unit/test_options.o $(B)/tests/unit/test_order.o $(B)/tests/unit/test_outbox.o \
	$(B)/tests/unit/test_paint.o \
	$(B)/tests/unit/test_password.o $(B)/tests/unit/test_presence.o $(B)/tests/unit/test_proxy_header.o $(B)/tests/unit/test_pulse.o \
	$(B)/tests/unit/test_room.o $(B)/tests/unit/test_room_name.o $(B)/tests/unit/test_room_settings.o $(B)/tests/unit/test_rooms.o \
	$(B)/tests/unit/test_roster.o \
	$(B)/tests/unit/test_sanctions.o $(B)/tests/unit/test_sanctions_record.o \
	$(B)/tests/unit/test_server.o $(B)/tests/unit/test_servers.o $(B)/tests/unit/test_session.o $(B)/tests/unit/test_session_history.o \
	$(B)/tests/unit/test_signals.o \
	$(B)/tests/unit/test_spelling.o $(B)/tests/unit/test_telnet.o $(B)/tests/unit/test_terminal.o \
	$(B)/tests/unit/test_text.o $(B)/tests/unit/test_throttle.o $(B)/tests/unit/test_turnstile.o $(B)/tests/unit/test_timers.o \
	$(B)/tests/unit/test_transcript.o $(B)/tests/unit/test_unicode.o $(B)/tests/unit/test_user.o $(B)/tests/unit/test_view.o \
	$(B)/tests/unit/test_machines.o $(B)/tests/unit/test_stream_memory.o $(B)/tests/unit/test_replica.o $(B)/tests/unit/test_reports.o $(B)/tests/unit/test_state.o $(B)/tests/unit/test_snapshot.o $(B)/tests/unit/test_turns.o $(B)/tests/unit/test_wire.o $(B)/tests/unit/test_wrap.o \
	$(B)/tests/unit/test_inherited.o \
	$(B)/tests/unit/test_privileges.o
STRESS_OBJECTS = \
	$(B)/tests/stress/chance.o $(B)/tests/stress/channel.o $(B)/tests/stress/chronicle.o $(B)/tests/stress/complaint.o \
	$(B)/tests/stress/crowd.o $(B)/tests/stress/dialog.o $(B)/tests/stress/event.o \
	$(B)/tests/stress/forged.o \
	$(B)/tests/stress/hostile.o $(B)/tests/stress/ledger.o $(B)/tests/stress/letters.o \
	$(B)/tests/stress/object.o $(B)/tests/stress/peer.o $(B)/tests/stress/reading.o \
	$(B)/tests/stress/script.o $(B)/tests/stress/slices.o $(B)/tests/stress/stress.o \
	$(B)/tests/stress/telnet.o $(B)/tests/stress/town.o $(B)/tests/stress/visiting.o \
	$(B)/tests/stress/visitor.o $(B)/tests/stress/warden.o $(B)/tests/stress/wire.o
BENCH_LOAD_OBJECTS = \
	$(B)/tests/bench/crowd.o $(B)/tests/bench/dialect.o $(B)/tests/bench/gauge.o \
	$(B)/tests/bench/histogram.o $(B)/tests/bench/ledger.o $(B)/tests/bench/load.o \
	$(B)/tests/bench/message.o $(B)/tests/bench/options.o $(B)/tests/bench/peer.o \
	$(B)/tests/bench/traffic.o
FAULT_OBJECTS = $(B)/tests/fault/allocations.o
# Each has a corpus in tests/fuzz/corpus.
FUZZERS = account config editor http name proxy telnet wire
FUZZ_OBJECTS != for name in $(FUZZERS); do echo $(B)/tests/fuzz/fuzz_$$name.o; done
# The program itself.
MAIN_OBJECTS = \
	$(B)/src/backing.o \
	$(B)/src/ending.o \
	$(B)/src/import.o \
	$(B)/src/main.o \
	$(B)/src/reload.o \
	$(B)/src/settings.o
OBJECTS = $(PARTS) $(MAIN_OBJECTS) $(B)/src/echo.o

COMPILE = source=$@; source=$${source\#$(B)/}; mkdir -p $(@D) && \
	$(CC) -std=c11 -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -Iinclude $(STORE_CPPFLAGS) $(CLUSTER_CPPFLAGS) $(TLS_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) $(VARIANT) -pthread -MMD -MP \
	-c -o $@ $${source%.o}.c
LINK = $(CC) $(CFLAGS) $(VARIANT) -pthread $(LDFLAGS) -o $@

all: $(PROGRAMS)

$(B)/partyline: $(PARTS) $(MAIN_OBJECTS)
	$(LINK) $(PARTS) $(MAIN_OBJECTS) $(PART_LIBS) $(LDLIBS)

$(B)/partyline-echo: $(NET_OBJECTS) $(B)/src/echo.o
	$(LINK) $(NET_OBJECTS) $(B)/src/echo.o $(LDLIBS)

$(B)/unit: $(PARTS) $(UNIT_OBJECTS) $(TLS_CLIENT_OBJECTS)
	$(LINK) $(PARTS) $(UNIT_OBJECTS) $(TLS_CLIENT_OBJECTS) $(PART_LIBS) $(LDLIBS) $(CUNIT_LIBS)

$(B)/stress: $(STRESS_OBJECTS) $(TLS_CLIENT_OBJECTS)
	$(LINK) $(STRESS_OBJECTS) $(TLS_CLIENT_OBJECTS) $(TLS_LIBS) $(LDLIBS)

$(B)/stream: $(PARTS) $(B)/tests/cluster/stream.o
	$(LINK) $(PARTS) $(B)/tests/cluster/stream.o $(PART_LIBS) $(LDLIBS)

$(B)/post: $(PARTS) $(B)/tests/cluster/post.o
	$(LINK) $(PARTS) $(B)/tests/cluster/post.o $(PART_LIBS) $(LDLIBS)

$(B)/replicas: $(PARTS) $(B)/tests/cluster/replicas.o
	$(LINK) $(PARTS) $(B)/tests/cluster/replicas.o $(PART_LIBS) $(LDLIBS)

$(B)/load: $(BENCH_LOAD_OBJECTS) $(TLS_CLIENT_OBJECTS)
	$(LINK) $(BENCH_LOAD_OBJECTS) $(TLS_CLIENT_OBJECTS) $(TLS_LIBS) $(LDLIBS) -lm

$(B)/bare: $(B)/tests/bench/bare.o
	$(LINK) $(B)/tests/bench/bare.o $(LDLIBS)

$(B)/archive: $(PARTS) $(B)/tests/bench/archive.o
	$(LINK) $(PARTS) $(B)/tests/bench/archive.o $(PART_LIBS) $(LDLIBS)

# Only with the VARIANT of fault-server do allocations fail in it.
$(B)/partyline-fault: $(PARTS) $(MAIN_OBJECTS) $(FAULT_OBJECTS)
	$(LINK) $(PARTS) $(MAIN_OBJECTS) $(FAULT_OBJECTS) \
		$(PART_LIBS) $(LDLIBS)

# The bench is for Linux: it uses epoll.
$(BENCH_LOAD_OBJECTS) $(B)/tests/bench/bare.o:
	$(COMPILE) -U_XOPEN_SOURCE -D_GNU_SOURCE

# libFuzzer brings the main function.
$(B)/fuzz_account: $(NET_OBJECTS) $(SEALED_OBJECTS) $(B)/src/cluster/account_record.o $(B)/tests/fuzz/fuzz_account.o
	$(LINK) $(NET_OBJECTS) $(SEALED_OBJECTS) $(B)/src/cluster/account_record.o $(B)/tests/fuzz/fuzz_account.o \
		-fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_config: $(NET_OBJECTS) $(B)/src/options/config.o $(B)/tests/fuzz/fuzz_config.o
	$(LINK) $(NET_OBJECTS) $(B)/src/options/config.o $(B)/tests/fuzz/fuzz_config.o -fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_editor: $(NET_OBJECTS) $(B)/tests/unit/screen.o $(B)/tests/fuzz/fuzz_editor.o
	$(LINK) $(NET_OBJECTS) $(B)/tests/unit/screen.o $(B)/tests/fuzz/fuzz_editor.o \
		-fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_name: $(NET_OBJECTS) $(B)/src/chat/name.o $(B)/tests/fuzz/fuzz_name.o
	$(LINK) $(NET_OBJECTS) $(B)/src/chat/name.o $(B)/tests/fuzz/fuzz_name.o -fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_telnet: $(NET_OBJECTS) $(B)/tests/fuzz/fuzz_telnet.o
	$(LINK) $(NET_OBJECTS) $(B)/tests/fuzz/fuzz_telnet.o -fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_proxy: $(NET_OBJECTS) $(B)/tests/fuzz/fuzz_proxy.o
	$(LINK) $(NET_OBJECTS) $(B)/tests/fuzz/fuzz_proxy.o -fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_http: $(B)/src/doors/metrics/http_request.o $(B)/tests/fuzz/fuzz_http.o
	$(LINK) $(B)/src/doors/metrics/http_request.o $(B)/tests/fuzz/fuzz_http.o -fsanitize=fuzzer $(LDLIBS)

$(B)/fuzz_wire: $(NET_OBJECTS) $(SEALED_OBJECTS) $(WIRE_OBJECTS) $(B)/tests/fuzz/fuzz_wire.o
	$(LINK) $(NET_OBJECTS) $(SEALED_OBJECTS) $(WIRE_OBJECTS) $(B)/tests/fuzz/fuzz_wire.o -fsanitize=fuzzer $(LDLIBS)

$(FUZZ_OBJECTS):
	$(COMPILE)

# Each object's own dependencies come from the compiler, gathered into one file at every start.
$(OBJECTS) $(UNIT_OBJECTS) $(B)/tests/cluster/stream.o $(B)/tests/cluster/post.o $(B)/tests/cluster/replicas.o $(STRESS_OBJECTS) $(TLS_CLIENT_OBJECTS) $(FAULT_OBJECTS) $(B)/tests/bench/archive.o:
	$(COMPILE)

GATHERED != mkdir -p $(B) && find $(B) -name '*.d' -exec cat {} + > $(B)/dependencies.mk; echo yes
-include $(B)/dependencies.mk

run: all
	$(B)/partyline

check: unit integration stress

# What check runs.
programs: all $(B)/unit $(B)/stress $(CLUSTER_PROGRAMS) $(B)/replicas

unit: $(B)/unit
	$(B)/unit

# Most scenarios wait for something most of the time. The longest come first.
integration: all $(CLUSTER_PROGRAMS) $(B)/replicas
	PARTYLINE=$(B)/partyline PARTYLINE_ECHO=$(B)/partyline-echo prove --timer -j 4 \
		tests/integration/[7-9]*.t tests/integration/[0-6]*.t

stress: all $(B)/stress
	prove --verbose --exec sh tests/stress/run.sh :: $(B)

# What is acknowledged is there once and in order, for as long as the claim says; check does it for less.
endurance: all
	RESUMES=1000 KILLS=200 PARTYLINE=$(B)/partyline PARTYLINE_ECHO=$(B)/partyline-echo prove --timer \
		tests/integration/64-resume.t tests/integration/65-killed.t

# Beside check, as it needs python3 and five minutes.
cluster-test: all
	prove --verbose --exec sh tests/cluster/run.sh :: $(B)
	CLUSTER_MACHINES=3 CLUSTER_CALM=1 CLUSTER_SECONDS=10 prove --verbose --exec sh tests/cluster/run.sh :: $(B)
	CLUSTER_MACHINES=3 CLUSTER_FAULTS='kill nats-kill' CLUSTER_SECONDS=30 prove --verbose --exec sh tests/cluster/run.sh :: $(B)
	CLUSTER_MACHINES=3 CLUSTER_NATS_FAULTS=3 CLUSTER_FAULTS=nats-loss CLUSTER_CLIENTS=30 CLUSTER_SECONDS=30 prove --verbose --exec sh tests/cluster/run.sh :: $(B)

# The bench: what partyline costs beside the limit and its peers. BENCH holds options for it.
BENCH =
RUN_BENCH = tests/bench/bench --programs $(B) --partyline $(B)/partyline $(BENCH)

bench: all $(B)/load $(B)/bare
	$(RUN_BENCH)

bench-plot: all $(B)/load $(B)/bare
	$(RUN_BENCH) --plot docs

bench-smoke: all $(B)/load $(B)/bare
	$(RUN_BENCH) --smoke

# Machines that are one chat, beside one alone and an ngircd network. BENCH holds options for it.
bench-cluster: all $(B)/load
	tests/bench/cluster --programs $(B) --partyline $(B)/partyline $(BENCH)

# What TLS costs: handshakes, talk, and clients that do not end their handshakes. BENCH holds options for it.
bench-tls: all $(B)/load
	tests/bench/tls --programs $(B) --partyline $(B)/partyline $(BENCH)

bench-instructions: all $(B)/load
	tests/bench/instructions $(B) $(B)/partyline

# The store: what a million messages cost to store, to search and to show.
bench-archive: $(B)/archive
	$(B)/archive

# What anybody may send, as libFuzzer thinks it up (it comes with clang). What it comes upon is kept
# in build/fuzz/found; what is to stay goes to tests/fuzz/corpus.
FUZZ_SECONDS = 60
FUZZ_OPTIONS = -max_total_time=$(FUZZ_SECONDS) -timeout=10 -verbosity=0 -print_final_stats=1

fuzz:
	programs=; for name in $(FUZZERS); do programs="$$programs build/fuzz/fuzz_$$name"; done; \
	$(MAKE) B=build/fuzz CC=clang $(SANITIZED) VARIANT='$(ASAN) -fsanitize=fuzzer-no-link' $$programs
	for name in $(FUZZERS); do \
		mkdir -p build/fuzz/found/$$name && \
		build/fuzz/fuzz_$$name $(FUZZ_OPTIONS) build/fuzz/found/$$name tests/fuzz/corpus/$$name || exit 1; \
	done

# The sanitizers' runtimes want more stack than a conversation does, and more time.
ASAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
TSAN = -fsanitize=thread
SANITIZED = OPTIMIZE='-O1 -g' HARDEN= LDFLAGS=
WITNESSED = -DLOCK_WITNESS -DCLIENT_STACK_BYTES=524288
WITH_ASAN = B=build/asan $(SANITIZED) VARIANT='$(ASAN) $(WITNESSED)'
WITH_TSAN = B=build/tsan $(SANITIZED) VARIANT='$(TSAN) $(WITNESSED)'
LEAKS = LSAN_OPTIONS='suppressions=$(CURDIR)/tests/leaks.supp print_suppressions=0'
PATIENT = PATIENCE=$${PATIENCE:-30} $(MAKE)
AT_ONCE = $(MAKE) -j "$$(getconf _NPROCESSORS_ONLN || echo 2)"

asan:
	$(AT_ONCE) $(WITH_ASAN) programs
	$(LEAKS) $(PATIENT) $(WITH_ASAN) check

tsan:
	$(AT_ONCE) $(WITH_TSAN) programs
	$(PATIENT) $(WITH_TSAN) check

# A server whose allocations fail on order (tests/fault/allocations.h).
FAULT_VARIANT = $(WITNESSED) -include tests/fault/allocations.h

fault-server:
	$(MAKE) B=build/fault $(SANITIZED) VARIANT='$(ASAN) $(FAULT_VARIANT)' build/fault/partyline-fault

# What hour is to do besides: see its options.
FAULT =

fault: fault-server
	tests/fault/hour $(FAULT) build/fault/partyline-fault
	tests/fault/hour --width 5 --every 5 $(FAULT) build/fault/partyline-fault

coverage:
	$(MAKE) B=build/coverage $(SANITIZED) VARIANT='--coverage -DLOCK_WITNESS' check
	gcovr --root . --filter src --txt build/coverage/report.txt build/coverage
	cat build/coverage/report.txt

lint:
	scripts/lint

# Not partyline-echo: it is an example to read.
install: $(B)/partyline $(B)/partyline.1
	mkdir -p $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR)
	install -m 755 $(B)/partyline $(DESTDIR)$(BINDIR)
	install -m 644 $(B)/partyline.1 $(DESTDIR)$(MANDIR)/man1
	install -m 644 scripts/packaging/completions/partyline.bash $(DESTDIR)$(BASHDIR)/partyline
	install -m 644 scripts/packaging/completions/_partyline $(DESTDIR)$(ZSHDIR)

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/partyline
	rm -f $(DESTDIR)$(MANDIR)/man1/partyline.1
	rm -f $(DESTDIR)$(BASHDIR)/partyline $(DESTDIR)$(ZSHDIR)/_partyline

# --- Packages (scripts/packaging) ---

# The version stands in include/version.h alone.
VERSION != scripts/packaging/release version

$(B)/partyline.1: docs/partyline.1 include/version.h
	sed 's/^\.Os$$/.Os partyline $(VERSION)/' docs/partyline.1 >$@

dist:
	scripts/packaging/dist build

deb: $(B)/partyline $(B)/partyline.1
	MAKE='$(MAKE)' scripts/packaging/deb $(B)

# With the libraries that scripts/packaging/musl-libraries has put into this folder, or without any.
MUSL_CC        = musl-gcc
MUSL_LIBRARIES = /nowhere

static:
	rm -f build/static/partyline
	PKG_CONFIG_LIBDIR='$(MUSL_LIBRARIES)/lib/pkgconfig' $(MAKE) B=build/static CC='$(MUSL_CC)' \
		LDFLAGS='-static -Wl,-z,relro,-z,now' build/static/partyline
	build/static/partyline --version

# Beside check, as it takes root, debootstrap and ten minutes.
try-packages:
	scripts/packaging/try

# What systemd needs to run the server, and a configuration if there is none yet. Not part of install:
# a machine may have another service manager (scripts/packaging/openrc, scripts/packaging/bsd).
SYSTEMD    = scripts/packaging/systemd
LIBDIR     = $(PREFIX)/lib
SYSCONFDIR = /etc
RELOCATE   = sed -e 's,/usr/local/bin,$(BINDIR),' -e 's,/etc/partyline,$(SYSCONFDIR)/partyline,'

install-systemd:
	mkdir -p $(DESTDIR)$(LIBDIR)/systemd/system $(DESTDIR)$(LIBDIR)/sysusers.d $(DESTDIR)$(LIBDIR)/tmpfiles.d \
		$(DESTDIR)$(SYSCONFDIR)/logrotate.d
	for unit in partyline.service partyline.socket; do \
		$(RELOCATE) $(SYSTEMD)/$$unit >$(DESTDIR)$(LIBDIR)/systemd/system/$$unit && \
		chmod 644 $(DESTDIR)$(LIBDIR)/systemd/system/$$unit || exit 1; \
	done
	install -m 644 $(SYSTEMD)/partyline.sysusers $(DESTDIR)$(LIBDIR)/sysusers.d/partyline.conf
	install -m 644 $(SYSTEMD)/partyline.tmpfiles $(DESTDIR)$(LIBDIR)/tmpfiles.d/partyline.conf
	install -m 644 $(SYSTEMD)/partyline.logrotate $(DESTDIR)$(SYSCONFDIR)/logrotate.d/partyline
	test -e $(DESTDIR)$(SYSCONFDIR)/partyline.conf || \
		install -m 644 scripts/packaging/partyline.conf $(DESTDIR)$(SYSCONFDIR)

# The configuration stays.
uninstall-systemd:
	rm -f $(DESTDIR)$(LIBDIR)/systemd/system/partyline.service $(DESTDIR)$(LIBDIR)/systemd/system/partyline.socket
	rm -f $(DESTDIR)$(LIBDIR)/sysusers.d/partyline.conf $(DESTDIR)$(LIBDIR)/tmpfiles.d/partyline.conf
	rm -f $(DESTDIR)$(SYSCONFDIR)/logrotate.d/partyline

clean:
	rm -rf build

.PHONY: all run check programs unit integration stress endurance cluster-test bench bench-plot bench-smoke bench-cluster bench-tls bench-instructions bench-archive fuzz fault fault-server asan tsan coverage lint install uninstall install-systemd uninstall-systemd dist deb static try-packages clean
