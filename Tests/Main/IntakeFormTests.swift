// SPDX-License-Identifier: MIT

import HTTP
import Model
import Testing
import Unix

@testable import edgefilter

@Suite struct IntakeFormTests {
    private let form = wire(
        """
        --b¶Content-Disposition: form-data; name="file"; filename="a.wav"¶Content-Type: audio/wav¶¶\u{0}RIFF¶--bx¶\
        --b¶Content-Disposition: form-data; name="model"¶¶whisper-1¶--b¶\
        Content-Disposition: form-data; name="language"¶¶model¶--b--¶
        """)

    private func formHead(
        _ length: Int, type: String = "multipart/form-data; boundary=b"
    ) throws -> RequestHead {
        try head("POST /v1/audio/transcriptions", "Content-Type: \(type)", "Content-Length: \(length)")
    }

    @Test func replacesAFormsModel() throws {
        let head = try formHead(form.count)
        let expected = text(form).replacing("whisper-1", with: "a\"b")
        for pieces in form.splits {
            let taken = Taken(head, pieces, name: "a\"b")
            #expect(
                taken.content == expected && taken.model == "whisper-1" && taken.length == expected.utf8.count
            )
            #expect(Taken(head, pieces).content == text(form))
        }
    }

    /// The type's case, and quotes around the boundary, change nothing.
    @Test(arguments: ["Multipart/Form-Data; boundary=\"b\"", "multipart/form-data;charset=x;boundary=b"])
    func readsTheType(type: String) throws {
        #expect(Taken(try formHead(form.count, type: type), [form]).model == "whisper-1")
    }

    /// What cannot be followed is passed on untouched.
    @Test(arguments: ["multipart/form-data", "multipart/form-data; boundary=c"]) func passesOn(
        type: String
    ) throws {
        let taken = Taken(try formHead(form.count, type: type), [form], name: "m")
        #expect(taken.content == text(form) && taken.model == nil && taken.code == nil)
    }

    @Test func seesTwoModels() throws {
        let part = "--b¶Content-Disposition: form-data; name=\"model\"¶¶m¶"
        let bytes = wire("\(part)\(part)--b--¶")
        #expect(Taken(try formHead(bytes.count), [bytes]).isAmbiguous)
    }

    @Test func passesOtherContentOn() throws {
        let bytes: [UInt8] = [0, 0xFF, 0x7B, 0x22]
        for type in ["audio/wav", "application/octet-stream", "text/plain", ""] {
            let head = try head("POST /v1/files", "Content-Type: \(type)", "Content-Length: 4")
            var intake = try Intake(head, limit: 100, bearsModel: false)
            #expect(intake.canStream && !intake.mayBearModel)
            var inbox = Buffer()
            inbox.append(bytes)
            try intake.take(&inbox)
            var upload = Upload()
            intake.release(to: &upload)
            #expect(upload.readAll() == bytes && upload.isComplete && intake.length == 4)
        }
    }

    /// JSON that goes elsewhere is checked, but its model is not demanded to be one.
    @Test func watchesOtherJSON() throws {
        for (body, code, model) in [
            (#"{"model":"m"}"#, nil, "m"), (#"{"model":5}"#, nil, nil), ("[1]", nil, nil),
            ("{", Failure.Code.invalidJSON, nil),
        ] as [(String, Failure.Code?, String?)] {
            let head = try head(
                "POST /v1/fine_tuning/jobs", "Content-Type: application/json; charset=utf-8",
                "Content-Length: \(body.utf8.count)")
            let taken = Taken(head, [Array(body.utf8)], bearsModel: false)
            #expect(taken.code == code && taken.model == model)
            if code == nil { #expect(taken.content == body) }
        }
    }

    @Test func hasNoBody() throws {
        let head = try head("GET /v1/models")
        var intake = try Intake(head, limit: 100, bearsModel: false)
        #expect(intake.isDone && intake.length == 0 && !intake.mayBearModel)
        var inbox = Buffer()
        inbox.append("GET".utf8)
        try intake.take(&inbox)
        #expect(inbox.count == 3)
    }

    /// A long body of unknown length goes on before its end; a short one does not.
    @Test func streamsLongBodies() throws {
        let head = try head("POST /v1/files", "Transfer-Encoding: chunked")
        var intake = try Intake(head, limit: 1 << 20, bearsModel: false)
        var inbox = Buffer()
        inbox.append([UInt8](repeating: 1, count: 70_000).chunked(by: [1000]).dropLast(200))
        #expect(!intake.canStream && intake.length == nil)
        try intake.take(&inbox)
        #expect(intake.canStream && !intake.isDone && intake.length == nil && inbox.isEmpty)
        var upload = Upload()
        intake.release(to: &upload)
        #expect(upload.waiting > 69_000 && !upload.isComplete)
    }
}
