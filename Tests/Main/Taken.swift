// SPDX-License-Identifier: MIT

import HTTP
import Model
import Unix

@testable import edgefilter

/// What became of a request's body on its way through an `Intake`, as the relay drives it.
struct Taken: Equatable {
    /// What went up.
    var content = ""
    var model: String?
    var isAmbiguous = false
    var code: Failure.Code?
    var param: String?
    /// The length that was announced, where there was one.
    var length: Int?
    /// What came after the body.
    var rest = 0

    /// `name`: what the model is to be called upstream.
    init(
        _ head: RequestHead, _ pieces: [[UInt8]], name: String? = nil, limit: Int = 1 << 20,
        bearsModel: Bool = true
    ) {
        do throws(Failure) {
            try take(head, pieces, name, limit, bearsModel)
        } catch {
            code = error.code
            param = error.param
        }
    }

    private mutating func take(
        _ head: RequestHead, _ pieces: [[UInt8]], _ name: String?, _ limit: Int, _ bearsModel: Bool
    ) throws(Failure) {
        var intake = try Intake(head, limit: limit, bearsModel: bearsModel)
        var inbox = Buffer()
        var upload = Upload()
        var hasBegun = false
        var sent: [UInt8] = []
        for piece in pieces + [[]] {
            inbox.append(piece)
            try intake.take(&inbox)
            if !hasBegun, !intake.mayBearModel, intake.isDone || intake.canStream {
                hasBegun = true
                if let name { intake.replaceModel(with: name) }
                length = intake.length
            }
            guard hasBegun else { continue }
            intake.release(to: &upload)
            sent += upload.readAll()
        }
        content = text(sent)
        model = intake.model?.text
        isAmbiguous = intake.isAmbiguous
        rest = inbox.count
        if !upload.isComplete || !intake.isDone { code = .badHTTP }
    }
}
