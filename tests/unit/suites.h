/*
 * suites: the unit tests, one suite for each module. The name of a test says what holds while it
 * passes, and so what is broken when it fails.
 */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <stdbool.h>
#include <stddef.h>

struct test {
    const char *name;
    void (*run)(void);
};

/* Adds a suite to CUnit's registry; names and tests must live as long as that does. */
void suite_add(const char *name, const struct test *tests, size_t count);

#define SUITE_ADD(name, tests) suite_add(name, tests, sizeof tests / sizeof *tests)

/*
 * An assertion that tells, as printf() would, which of many cases failed. Returns what it was
 * given. As all assertions, for the thread that runs the tests only.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
bool suite_expect(bool holds, const char *file, unsigned line, const char *format, ...);

#define EXPECT(holds, ...) suite_expect(holds, __FILE__, __LINE__, __VA_ARGS__)

/*
 * Plays a scene until it returns true, and returns whether it has: for what a busy machine may
 * spoil that holds a thread up at the wrong moment. It does not do so each of 50 times.
 */
bool suite_comes_true(bool (*scene)(void));

void add_address_prefix_suite(void);
void add_attempts_suite(void);
void add_ban_notice_suite(void);
void add_batch_suite(void);
void add_buffer_suite(void);
void add_burst_suite(void);
void add_character_suite(void);
void add_checksum_suite(void);
void add_clock_suite(void);
void add_commands_suite(void);
void add_config_suite(void);
void add_conn_suite(void);
void add_conversation_suite(void);
void add_directory_suite(void);
void add_duration_suite(void);
void add_editor_suite(void);
void add_envelope_suite(void);
void add_event_log_suite(void);
void add_exposition_suite(void);
void add_file_suite(void);
void add_flood_queue_suite(void);
void add_flow_suite(void);
void add_flusher_suite(void);
void add_format_suite(void);
void add_hosts_suite(void);
void add_http_request_suite(void);
void add_idle_suite(void);
void add_ignore_list_suite(void);
void add_claim_suite(void);
void add_ignoring_suite(void);
void add_succession_suite(void);
void add_input_suite(void);
void add_json_suite(void);
void add_json_format_suite(void);
void add_json_voice_suite(void);
void add_keeping_suite(void);
void add_line_reader_suite(void);
void add_lines_suite(void);
void add_lingering_suite(void);
void add_link_suite(void);
void add_listener_suite(void);
void add_lock_suite(void);
void add_mailbox_suite(void);
void add_member_suite(void);
void add_message_suite(void);
void add_meter_suite(void);
void add_motd_suite(void);
void add_name_suite(void);
void add_notify_suite(void);
void add_number_suite(void);
void add_operators_suite(void);
void add_options_suite(void);
void add_order_suite(void);
void add_outbox_suite(void);
void add_paint_suite(void);
void add_password_suite(void);
void add_presence_suite(void);
void add_proxy_header_suite(void);
void add_pulse_suite(void);
void add_room_suite(void);
void add_room_name_suite(void);
void add_room_settings_suite(void);
void add_rooms_suite(void);
void add_roster_suite(void);
void add_sanctions_suite(void);
void add_sanctions_record_suite(void);
void add_server_suite(void);
void add_servers_suite(void);
void add_session_suite(void);
void add_session_history_suite(void);
void add_signals_suite(void);
void add_spelling_suite(void);
void add_account_record_suite(void);
void add_accounts_suite(void);
void add_store_suite(void);
void add_tls_suite(void);
void add_turnstile_suite(void);
void add_telnet_suite(void);
void add_terminal_suite(void);
void add_text_suite(void);
void add_throttle_suite(void);
void add_timers_suite(void);
void add_transcript_suite(void);
void add_unicode_suite(void);
void add_user_suite(void);
void add_view_suite(void);
void add_machines_suite(void);
void add_stream_memory_suite(void);
void add_replica_suite(void);
void add_state_suite(void);
void add_snapshot_suite(void);
void add_reports_suite(void);
void add_turns_suite(void);
void add_wire_suite(void);
void add_wrap_suite(void);
void add_inherited_suite(void);
void add_privileges_suite(void);

#endif
