using System.Buffers;
using System.Text.Json;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Writes small JSON documents without a new writer and a new buffer for each document.</summary>
/// <remarks>
/// Each thread has its own writer and buffer. A document is written without an await, and the result is a copy, so no document is visible to
/// another request.
/// </remarks>
internal static class JsonBuffer
{
    // The initial size of a buffer, in bytes. The balance of a user has at most about this size, except for a long user id.
    private const int InitialCapacity = 256;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Returns the document that a callback writes.</summary>
    /// <param name="value">The argument of the callback.</param>
    /// <param name="write">The callback. It must not call this method.</param>
    public static byte[] Write<T>(T value, Action<T, Utf8JsonWriter> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(InitialCapacity);
        var writer = _writer ??= new Utf8JsonWriter(buffer);

        // After a callback that failed, the writer and the buffer contain a part of a document.
        writer.Reset();
        buffer.ResetWrittenCount();
        write(value, writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
