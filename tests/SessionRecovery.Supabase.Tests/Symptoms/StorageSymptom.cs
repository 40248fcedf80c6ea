using SessionRecovery.Files;

namespace SessionRecovery.Supabase.Tests.Symptoms;

/// <summary>What Storage answers during one kind of failure, and what a user of the files is told.</summary>
/// <param name="Name">The failure.</param>
/// <param name="List">What a listing answers; <see langword="null"/> for no answer at all.</param>
/// <param name="Object">What a read or an upload of an object answers; <see langword="null"/> for no answer at all.</param>
/// <param name="Reading">What whoever opens a file is told.</param>
/// <param name="Save">How an upload ends.</param>
/// <param name="Requests">How many requests an open takes when a read has two tries.</param>
internal sealed record StorageSymptom(
    string Name,
    Func<HttpResponseMessage>? List,
    Func<HttpResponseMessage>? Object,
    FileOpenStatus Reading,
    FileSaveStatus Save,
    int Requests)
{
    public override string ToString() => Name;
}
