using SessionRecovery.Files;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>Contains the responses of Supabase Storage during one type of failure, and the expected results of file operations.</summary>
/// <param name="Name">The name of the failure.</param>
/// <param name="List">The response to a list request, or <see langword="null"/> if there is no response.</param>
/// <param name="Object">The response to a download or upload, or <see langword="null"/> if there is no response.</param>
/// <param name="FileOpen">The expected result of opening a file.</param>
/// <param name="Save">The expected result of an upload.</param>
/// <param name="Requests">The number of requests of an open when a read has two attempts.</param>
/// <param name="Head">The response to a HEAD request; <see langword="null"/> for that of a download.</param>
internal sealed record StorageSymptom(
    string Name,
    Func<HttpResponseMessage>? List,
    Func<HttpResponseMessage>? Object,
    FileOpenStatus FileOpen,
    FileSaveStatus Save,
    int Requests,
    Func<HttpResponseMessage>? Head = null)
{
    public override string ToString() => Name;
}
