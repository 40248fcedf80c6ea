using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionRecovery.FieldTests.SignIn;

/// <summary>A key repository of the host that temporarily cannot be reached.</summary>
internal sealed class FlakyRepository(string folder) : IXmlRepository
{
    private readonly FileSystemXmlRepository _files = new(Directory.CreateDirectory(folder), NullLoggerFactory.Instance);

    /// <summary>Gets or sets the exception that all calls throw; <see langword="null"/> while the repository can be reached.</summary>
    public Exception? Failure { get; set; }

    public IReadOnlyCollection<XElement> GetAllElements() => Failure is null ? _files.GetAllElements() : throw Failure;

    public void StoreElement(XElement element, string friendlyName)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        _files.StoreElement(element, friendlyName);
    }
}
