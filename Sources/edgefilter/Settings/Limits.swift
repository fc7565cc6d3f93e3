// SPDX-License-Identifier: MIT

/// A span of time; where a limit is meant, 0 is none.
package typealias Milliseconds = Int

/// What one caller, one connection and all of them may take; sizes are bytes.
package struct Limits: Equatable, Sendable {
    /// A request's body.
    package var body = 32 << 20
    /// A request's header block, or an upstream's.
    package var head = 32 << 10
    /// A request line.
    package var line = 8 << 10
    /// Header fields of a request.
    package var fields = 100
    /// Connections in all.
    package var connections = 512
    /// Connections of one address, or of one /64.
    package var perSource = 64
    /// Handlers forked ahead of the connections they will serve.
    package var spares = 0
    /// How long a kept connection waits for its next request.
    package var keepalive: Milliseconds = 60_000
    /// How long the acceptor stays with nothing to do.
    package var idleExit: Milliseconds = 60_000
    /// How long running connections have when the acceptor must end.
    package var drain: Milliseconds = 45_000
    /// From the first wait to the end of a header block.
    package var headerTime: Milliseconds = 10_000
    /// How long a caller may take none of what it is sent.
    package var sendStall: Milliseconds = 60_000
    /// The silence after which a stream's caller gets a sign of life.
    package var ping: Milliseconds = 15_000
    /// How long a caller who waits for a stream hears nothing before its upstream has answered; 0: for ever.
    package var earlyPing: Milliseconds = 15_000
    /// Requests of one connection.
    package var requestsPerConnection = 1000
    /// The age at which a kept connection is given up, so that balancers can even out.
    package var connectionTime: Milliseconds = 3_600_000
    /// One event of an upstream's stream.
    package var event = 8 << 20
    /// A whole answer that must be held to be translated.
    package var answer = 32 << 20
    /// Conversations remembered for providers that hold them, in all.
    package var sessions = 10_000
    /// The same of one caller.
    package var sessionsPerCaller = 100
    /// How long one is remembered after it was used last.
    package var sessionTime: Milliseconds = 86_400_000
    /// How long a request waits for another one in the same session.
    package var sessionWait: Milliseconds = 10_000
    /// Conversations of one client address, or of one /64.
    package var perAddress = Rates()

    /// The defaults; change what differs.
    package init() {}
}

/// How often something may be done in a minute, an hour and a day; 0: no limit.
package struct Rates: Equatable, Sendable {
    /// In a window of a minute, from the first one on.
    package var minute = 0
    /// In one of an hour.
    package var hour = 0
    /// In one of a day.
    package var day = 0

    package init(minute: Int = 0, hour: Int = 0, day: Int = 0) {
        (self.minute, self.hour, self.day) = (minute, hour, day)
    }
}

private let rateWords: [Keyword<Rates>] = [
    .count("minute", \.minute, 0...Rates.most),
    .count("hour", \.hour, 0...Rates.most),
    .count("day", \.day, 0...Rates.most),
]

extension Rates {
    fileprivate static let most = 100_000_000
}

let limitWords: [Keyword<Limits>] = [
    .size("body", \.body),
    .size("head", \.head),
    .size("line", \.line),
    .count("fields", \.fields, 1...10_000),
    .count("connections", \.connections, 1...1_000_000),
    .count("per_source", \.perSource, 1...1_000_000),
    .count("spares", \.spares, 0...1000),
    .time("keepalive", \.keepalive),
    .time("idle_exit", \.idleExit),
    .time("drain", \.drain),
    .time("header_time", \.headerTime),
    .time("send_stall", \.sendStall),
    .time("ping", \.ping),
    .time("early_ping", \.earlyPing),
    .count("requests_per_connection", \.requestsPerConnection, 1...1_000_000_000),
    .time("connection_time", \.connectionTime),
    .size("event", \.event),
    .size("answer", \.answer),
    .count("sessions", \.sessions, 1...1_000_000),
    .count("sessions_per_caller", \.sessionsPerCaller, 1...1_000_000),
    .time("session_time", \.sessionTime),
    .time("session_wait", \.sessionWait),
    .members("per_address", \.perAddress, rateWords),
]
