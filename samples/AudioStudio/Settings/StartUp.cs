using AudioStudio.Supervision;
using Microsoft.Data.Sqlite;

namespace AudioStudio.Settings;

/// <summary>The start either succeeds with an address, or fails with one sentence.</summary>
internal sealed class StartUp(TextWriter output, TextWriter errors)
{
    private volatile bool _done;

    /// <summary>Whether the start is over. Until then errors are told in the sentence and not logged with their stack.</summary>
    public bool IsDone => _done;

    public void Done(IEnumerable<string> urls, DataFolder data, SupabaseProject? project)
    {
        _done = true;
        output.WriteLine($"AudioStudio is ready: {string.Join(", ", urls)}");
        output.WriteLine(project is null
            ? $"Everything it keeps is in {data.Path}"
            : $"Accounts, credits and files are kept by Supabase at {project.Url}; its own keys are in {data.Path}");
    }

    public int Refuse(Exception exception)
    {
        errors.WriteLine($"AudioStudio can't start: {Sentence(exception)}");
        return Lifeline.IsHeld ? ExitCode.RefusedToSupervisor : ExitCode.Refused;
    }

    internal static string Sentence(Exception exception)
    {
        var text = exception is SqliteException
            ? $"a database in the data folder can't be used: {exception.Message}"
            : exception.Message;
        text = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return text.EndsWith('.') ? text : text + ".";
    }
}
